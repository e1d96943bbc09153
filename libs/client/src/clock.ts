/** Time, injected, and waits of any length. */

/** What the library needs of time, unless a test brings its own. */
export interface Clock {
  /** Milliseconds that never go back, from any start: for durations. */
  now(): number
  /** Milliseconds since 1970, for display. May jump, because users and time servers set the wall clock. */
  dateMs(): number
  setTimeout(run: () => void, delayMs: number): unknown
  clearTimeout(handle: unknown): void
}

/**
 * Timers stop while a machine sleeps. On platforms whose monotonic clock counts the sleep, a long wait notices it within
 * this time. It is far below 2 ** 31 ms, above which timers fire at once.
 */
const MAX_STEP_MS = 5_000

export const systemClock: Clock = {
  now: () => performance.now(),
  dateMs: () => Date.now(),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

/** Runs once after `delayMs`, however long that is. Returns how to cancel. */
export function wait(clock: Clock, delayMs: number, run: () => void): () => void {
  const stepMs = Math.min(delayMs, MAX_STEP_MS)
  const startedAt = clock.now()
  const handle = clock.setTimeout(() => {
    // A timer may fire a fraction of a millisecond early: the step counts as waited.
    const leftMs = delayMs - Math.max(stepMs, clock.now() - startedAt)
    if (leftMs > 0) cancel = wait(clock, leftMs, run)
    else run()
  }, stepMs)
  let cancel = (): void => clock.clearTimeout(handle)
  return () => cancel()
}
