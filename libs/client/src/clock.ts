/** The system clock, and waits of any length. */
import type { Clock } from '@downlink/protocol'

export const systemClock: Clock = {
  now: () => performance.now(),
  dateMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

/**
 * Timers stop while a machine sleeps. A wait made of steps notices the sleep within one step, on platforms whose
 * monotonic clock counts it. Also far below 2^31 ms, above which a timer fires immediately.
 */
const MAX_STEP_MS = 5_000

/** Calls back once after `delayMs`, however long that is. Returns a function that cancels. */
export function wait(clock: Clock, delayMs: number, callback: () => void): () => void {
  const stepMs = Math.min(delayMs, MAX_STEP_MS)
  const startedAt = clock.now()
  let cancel = clock.after(stepMs, () => {
    // A timer may fire a fraction of a millisecond early, so a step counts as at least its own length.
    const leftMs = delayMs - Math.max(stepMs, clock.now() - startedAt)
    if (leftMs > 0) cancel = wait(clock, leftMs, callback)
    else callback()
  })
  return () => cancel()
}
