/** Time, injected, and waits that survive long delays, a sleeping machine and a clock that is set. */

/** What the library needs of time: `Date.now()` and the two timer functions, unless a test brings its own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  setTimeout(run: () => void, delayMs: number): unknown
  clearTimeout(handle: unknown): void
}

/**
 * Timers stand still while a machine sleeps, so a long wait looks at the clock this often. It is far below
 * 2 ** 31 ms, beyond which timers fire at once.
 */
const MAX_STEP_MS = 5_000

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

/**
 * Runs once after `delayMs`, however large. Sleep counts; a step counts at least its own length, so that a
 * clock set back stretches nothing. Returns how to cancel.
 */
export function wait(clock: Clock, delayMs: number, run: () => void): () => void {
  const stepMs = Math.min(delayMs, MAX_STEP_MS)
  const startedAt = clock.now()
  const handle = clock.setTimeout(() => {
    const leftMs = delayMs - Math.max(stepMs, clock.now() - startedAt)
    if (leftMs > 0) cancel = wait(clock, leftMs, run)
    else run()
  }, stepMs)
  let cancel = (): void => clock.clearTimeout(handle)
  return () => cancel()
}
