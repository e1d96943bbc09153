/** A clock that stands still until a test moves it. */
import type { Clock } from '../src/clock.ts'

export interface ManualClock extends Clock {
  /** Moves time on and runs what is due, in order. */
  advance(ms: number): void
  /** Moves time on as sleep does: timers notice only afterwards. */
  sleep(ms: number): void
  /** The delays of the timers that wait, in milliseconds. */
  pending(): number[]
}

interface Timer {
  dueAt: number
  readonly run: () => void
}

export function createManualClock(startMs = 1_000_000): ManualClock {
  let now = startMs
  let slept = 0
  const timers = new Set<Timer>()

  return {
    now: () => now + slept,
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
    pending: () => [...timers].map(({ dueAt }) => dueAt - now),
  }
}
