/** A clock that stands still until a test moves it. */
import type { Clock } from '../src/clock.ts'

export interface ManualClock extends Clock {
  /** Moves time on and runs what is due, in order. */
  advance(ms: number): void
  /** Moves time on as sleep does: timers notice only afterwards. */
  sleep(ms: number): void
  /** Sets the wall clock forward, or back, as a user or a time server does. No time passes. */
  setDate(byMs: number): void
  /** The delays of the timers that wait, in milliseconds. */
  pending(): number[]
}

interface Timer {
  dueAt: number
  readonly run: () => void
}

/** `startMs` is the wall clock's; the monotonic one starts elsewhere, so that a test notices when they are confused. */
export function createManualClock(startMs = 1_000_000): ManualClock {
  let now = 5_000
  let slept = 0
  let dateOffset = startMs - now
  const timers = new Set<Timer>()

  return {
    now: () => now + slept,
    dateMs: () => now + slept + dateOffset,
    setTimeout(run, delayMs) {
      const timer = { dueAt: now + delayMs, run }
      timers.add(timer)
      return timer
    },
    clearTimeout: (handle) => void timers.delete(handle as Timer),
    advance(ms) {
      const end = now + ms
      for (;;) {
        const due = [...timers].filter(({ dueAt }) => dueAt <= end)
        const next = due.sort((a, b) => a.dueAt - b.dueAt)[0]
        if (next === undefined) break
        timers.delete(next)
        now = Math.max(now, next.dueAt)
        next.run()
      }
      now = end
    },
    sleep: (ms) => void (slept += ms),
    setDate: (byMs) => void (dateOffset += byMs),
    pending: () => [...timers].map(({ dueAt }) => dueAt - now),
  }
}
