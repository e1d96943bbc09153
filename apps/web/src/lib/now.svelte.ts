// The time of day as state, for ages and countdowns: one timer, which runs only while something reads it.
import { createSubscriber } from 'svelte/reactivity'

const STEP_MS = 1000

export class Now {
  readonly #read: () => number
  readonly #subscribe: () => void

  constructor(read: () => number = () => Date.now()) {
    this.#read = read
    this.#subscribe = createSubscriber((update) => {
      const timer = setInterval(update, STEP_MS)
      return () => clearInterval(timer)
    })
  }

  /** Milliseconds since 1970; inside an effect it is read anew once a second. */
  get current(): number {
    this.#subscribe()
    return this.#read()
  }
}

export const now = new Now()
