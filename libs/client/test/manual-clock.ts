/** A clock that stands still until a test moves it. */
import type { Clock } from '@downlink/protocol'

export interface ManualClock extends Clock {
  /** Advances the time and calls the timers that are due, in order. */
  advance(ms: number): void
  /** Moves time on while the machine sleeps: timers do not count this time. */
  sleep(ms: number): void
  /** Sets the wall clock forward or back, as a user or a time server does. No time passes. */
  setDate(byMs: number): void
  /** What `random()` returns from now on. 0 by default. */
  setRandom(value: number): void
  /** The delays of the pending timers, in milliseconds. */
  pending(): number[]
}

interface Timer {
  readonly dueAt: number
  readonly callback: () => void
}

/** `startMs` is the wall clock's. The monotonic clock has another origin, so that tests notice when the two are mixed. */
export function createManualClock(startMs = 1_000_000): ManualClock {
  let now = 5_000
  let slept = 0
  let dateOffset = startMs - now
  let random = 0
  const timers = new Set<Timer>()

  return {
    now: () => now + slept,
    dateMs: () => now + slept + dateOffset,
    after(delayMs, callback) {
      const timer = { dueAt: now + delayMs, callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    random: () => random,
    advance(ms) {
      const end = now + ms
      for (;;) {
        const due = [...timers].filter(({ dueAt }) => dueAt <= end)
        const next = due.sort((a, b) => a.dueAt - b.dueAt)[0]
        if (next === undefined) break
        timers.delete(next)
        now = Math.max(now, next.dueAt)
        next.callback()
      }
      now = end
    },
    sleep: (ms) => void (slept += ms),
    setDate: (byMs) => void (dateOffset += byMs),
    setRandom: (value) => void (random = value),
    pending: () => [...timers].map(({ dueAt }) => dueAt - now),
  }
}
