/** The time and randomness that the packages use. Tests pass a manual implementation. */

export interface Clock {
  /** Monotonic milliseconds from an arbitrary origin. Use it for durations, ages and deadlines. */
  now(): number
  /**
   * Wall-clock milliseconds since 1970; can jump when the clock is set. Use it for display and for data that outlives
   * the process.
   */
  dateMs(): number
  /** Calls `callback` once after a delay in milliseconds, 0 to 2^31 - 1. Returns a function that cancels the call. */
  after(delayMs: number, callback: () => void): () => void
  /** A random number from 0 up to but not including 1. */
  random(): number
}
