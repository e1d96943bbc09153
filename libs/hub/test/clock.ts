/** A clock that a test turns by hand; chance is a constant, or a function of the test's own. */
import type { Clock } from '../src/clock.ts'

export interface TestClock extends Clock {
  random: () => number
  /** Moves time on, calling what falls due in order. */
  advance(byMs: number): void
  /** Lets time pass while something runs: nothing is called. */
  pass(byMs: number): void
  /** Runs what was put off to the end of the tick. */
  tick(): void
  /** How many timers wait. */
  readonly timers: number
}

export function createTestClock(random: () => number = () => 0.5): TestClock {
  let nowMs = 0
  const timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>()
  let soon: (() => void)[] = []
  return {
    now: () => nowMs,
    random,
    soon: (callback) => void soon.push(callback),
    after(delayMs, callback) {
      const timer = { dueMs: nowMs + delayMs, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    pass(byMs) {
      nowMs += byMs
    },
    tick() {
      const due = soon
      soon = []
      for (const callback of due) callback()
    },
    advance(byMs) {
      const untilMs = nowMs + byMs
      for (;;) {
        this.tick()
        const [next] = [...timers].sort((a, b) => a.dueMs - b.dueMs)
        if (!next || next.dueMs > untilMs) break
        timers.delete(next)
        nowMs = Math.max(nowMs, next.dueMs)
        next.callback()
      }
      nowMs = Math.max(nowMs, untilMs)
    },
    get timers() {
      return timers.size
    },
  }
}
