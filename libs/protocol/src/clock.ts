/** Time and randomness as every package sees them, so that tests control both. */

export interface Clock {
  /** Monotonic milliseconds from an arbitrary origin. Use it for durations, ages and deadlines. */
  now(): number
  /**
   * Wall-clock milliseconds since 1970, which may jump. Use it for what people see and for data that outlives the
   * process.
   */
  dateMs(): number
  /** Calls back once after a delay in milliseconds, 0 to 2^31 - 1; returns a function that cancels it. */
  after(delayMs: number, callback: () => void): () => void
  /** A number from 0 up to but not including 1. */
  random(): number
}
