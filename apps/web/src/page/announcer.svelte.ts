// Messages for screen readers: changes of state only, and at most one message in five seconds.

/** A message that follows sooner would cut off the one before it. */
const MIN_INTERVAL_MS = 5000

export type Urgency = 'polite' | 'assertive'

export class Announcer {
  #polite = $state.raw('')
  #assertive = $state.raw('')
  #announcedAt = Number.NEGATIVE_INFINITY
  #pending: { text: string; urgency: Urgency } | null = null
  #isWaiting = false

  get polite(): string {
    return this.#polite
  }

  get assertive(): string {
    return this.#assertive
  }

  /** Announces `text` now, or when the last message is five seconds old. A newer message replaces a waiting one. */
  announce(text: string, urgency: Urgency = 'polite'): void {
    // A waiting error is not replaced by a message about what happened after it.
    if (this.#pending?.urgency === 'assertive' && urgency === 'polite') return
    this.#pending = { text, urgency }
    const waitMs = this.#announcedAt + MIN_INTERVAL_MS - performance.now()
    if (waitMs <= 0) this.#flush()
    else if (!this.#isWaiting) {
      this.#isWaiting = true
      setTimeout(() => {
        this.#isWaiting = false
        this.#flush()
      }, waitMs)
    }
  }

  #flush(): void {
    if (!this.#pending) return
    const { text, urgency } = this.#pending
    this.#pending = null
    this.#announcedAt = performance.now()
    this.#polite = urgency === 'polite' ? text : ''
    this.#assertive = urgency === 'assertive' ? text : ''
  }
}
