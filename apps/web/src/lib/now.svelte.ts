// The time of day as state, for ages and countdowns: one timer, which runs only while something reads it.
import { createSubscriber } from 'svelte/reactivity'

const STEP_MS = 1000

export class Now {
  readonly #read: () => number
  readonly #subscribe: () => void

  constructor(read: () => number = () => Date.now()) {
    this.#read = read
    this.#subscribe = createSubscriber((update) => {
      // Nobody looks at a hidden tab; what it shows is caught up when somebody does.
      const look = () => {
        if (!document.hidden) update()
      }
      const timer = setInterval(look, STEP_MS)
      document.addEventListener('visibilitychange', look)
      return () => {
        clearInterval(timer)
        document.removeEventListener('visibilitychange', look)
      }
    })
  }

  /** Milliseconds since 1970; inside an effect it is read anew once a second. */
  get current(): number {
    this.#subscribe()
    return this.#read()
  }
}

export const now = new Now()
