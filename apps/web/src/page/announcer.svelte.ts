// What is said to a screen reader: changes of state only, at most one message in five seconds.

/** More often than this, speech cuts itself off. */
export const QUIET_MS = 5000

export type Urgency = 'polite' | 'assertive'

interface Clock {
  now(): number
  later(callback: () => void, ms: number): unknown
}

const realClock: Clock = {
  now: () => performance.now(),
  later: (callback, ms) => setTimeout(callback, ms),
}

export class Announcer {
  readonly #clock: Clock
  #polite = $state.raw('')
  #assertive = $state.raw('')
  #spokeAt = Number.NEGATIVE_INFINITY
  #next: { text: string; urgency: Urgency } | null = null
  #waits = false

  constructor(clock: Clock = realClock) {
    this.#clock = clock
  }

  get polite(): string {
    return this.#polite
  }

  get assertive(): string {
    return this.#assertive
  }

  /** Says `text` now, or when the last message is five seconds old; a newer message replaces one that waits. */
  say(text: string, urgency: Urgency = 'polite'): void {
    // An error is not talked over by what happened after it.
    if (this.#next?.urgency === 'assertive' && urgency === 'polite') return
    this.#next = { text, urgency }
    const waitMs = this.#spokeAt + QUIET_MS - this.#clock.now()
    if (waitMs <= 0) this.#speak()
    else if (!this.#waits) {
      this.#waits = true
      this.#clock.later(() => {
        this.#waits = false
        this.#speak()
      }, waitMs)
    }
  }

  #speak(): void {
    if (!this.#next) return
    const { text, urgency } = this.#next
    this.#next = null
    this.#spokeAt = this.#clock.now()
    this.#polite = urgency === 'polite' ? text : ''
    this.#assertive = urgency === 'assertive' ? text : ''
  }
}
