// The time of day as state, for ages and countdowns: read once a second, and only while something reads it.
import { createSubscriber } from 'svelte/reactivity'
import { frame, type Frame } from './frame.ts'

const STEP_MS = 1000
/** A frame that is drawn anyway takes the new time along, if it is nearly due: one of its own costs as much again. */
const NEARLY_MS = 900
/** So much later than due, the next frame that is drawn anyway may still come: data once a second strays a little. */
const GRACE_MS = 150

export class Now {
  readonly #read: () => number
  readonly #subscribe: () => void

  constructor(read: () => number = () => Date.now(), on: Frame = frame) {
    this.#read = read
    this.#subscribe = createSubscriber((update) => {
      let steppedAt = read()
      let alone = false
      let timer: ReturnType<typeof setTimeout> | undefined
      const wait = (ms: number) => {
        clearTimeout(timer)
        timer = setTimeout(() => {
          alone = true
          on.ask(nothing)
        }, ms)
      }
      const stopRiding = on.alongside(() => {
        const sinceMs = read() - steppedAt
        // A clock that was set back says nothing about what is due: then it is.
        if (sinceMs >= 0 && sinceMs < NEARLY_MS) {
          // Data flows, so the frame to wait for is one of its own.
          wait(STEP_MS + GRACE_MS - sinceMs)
          return
        }
        steppedAt = read()
        wait(alone ? STEP_MS : STEP_MS + GRACE_MS)
        alone = false
        update()
      })
      wait(STEP_MS)
      return () => {
        clearTimeout(timer)
        stopRiding()
      }
    })
  }

  /** Milliseconds since 1970; inside an effect it is read anew once a second, in a hidden tab when it is seen again. */
  get current(): number {
    this.#subscribe()
    return this.#read()
  }
}

export const now = new Now()

/** Any frame takes the time along. */
function nothing(): void {}
