/** Time, injected, and waits that survive long delays, a sleeping machine and a clock that is set. */

/** What the library needs of time: `Date.now()` and the two timer functions, unless a test brings its own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  setTimeout(run: () => void, delayMs: number): unknown
  clearTimeout(handle: unknown): void
}

/** The most that timers of browsers and Node can wait; more would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1
/** Timers stand still while a machine sleeps, so a long wait looks at the clock this often. */
const MAX_STEP_MS = 5_000

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

/** Runs once after `delayMs`, however large, counted also while the machine sleeps. Returns its cancel. */
export function wait(clock: Clock, delayMs: number, run: () => void): () => void {
  let remainingMs = delayMs
  return every(
    clock,
    () => Math.min(remainingMs, MAX_STEP_MS),
    (passedMs) => {
      remainingMs -= passedMs
      if (remainingMs > 0) return true
      run()
      return false
    },
  )
}

/**
 * Calls `tick` after each `stepMs()` with the time that has passed, until it returns false. A step counts at
 * least its own length, so that a clock set back does not stretch it, and more after sleep.
 */
export function every(
  clock: Clock,
  stepMs: () => number,
  tick: (passedMs: number) => boolean,
): () => void {
  let handle: unknown
  let stopped = false
  arm()
  return () => {
    stopped = true
    clock.clearTimeout(handle)
  }

  function arm(): void {
    const step = Math.min(Math.max(stepMs(), 0), MAX_TIMER_MS)
    const startedAt = clock.now()
    handle = clock.setTimeout(() => {
      const again = tick(Math.max(step, clock.now() - startedAt))
      if (again && !stopped) arm()
    }, step)
  }
}
