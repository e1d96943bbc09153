// The current time as state, for ages and countdowns: updated once per second, and only while something reads it.
import { createSubscriber } from 'svelte/reactivity'
import { frames, type FrameScheduler } from './frames.ts'

const STEP_MS = 1000
/** A frame that is drawn for data takes the new time along if a step is nearly due: a separate frame costs as much. */
const NEARLY_DUE_MS = 900
/** How long an overdue step waits for a frame that is drawn for data: data that comes once per second has jitter. */
const GRACE_MS = 150

export class Now {
  readonly #subscribe: () => void

  constructor(scheduler: FrameScheduler = frames) {
    this.#subscribe = createSubscriber((update) => {
      let steppedAt = Date.now()
      let ownFrame = false
      let timer: ReturnType<typeof setTimeout> | undefined
      const wait = (ms: number) => {
        clearTimeout(timer)
        timer = setTimeout(() => {
          ownFrame = true
          scheduler.request(drawNothing)
        }, ms)
      }
      const stopFrames = scheduler.onFrame(() => {
        const sinceMs = Date.now() - steppedAt
        // Negative if the clock was set back: the new time is shown immediately.
        if (sinceMs >= 0 && sinceMs < NEARLY_DUE_MS) {
          // Data is flowing, so the next step waits for a frame of the data.
          wait(STEP_MS + GRACE_MS - sinceMs)
          return
        }
        steppedAt = Date.now()
        wait(ownFrame ? STEP_MS : STEP_MS + GRACE_MS)
        ownFrame = false
        update()
      })
      wait(STEP_MS)
      return () => {
        clearTimeout(timer)
        stopFrames()
      }
    })
  }

  /** Milliseconds since 1970. Effects that read it rerun once per second; in a hidden tab, when it is shown again. */
  get current(): number {
    this.#subscribe()
    return Date.now()
  }
}

export const now = new Now()

/** A frame without a draw of its own still runs the listener that updates the time. */
function drawNothing(): void {}
