/** A clock that a test advances manually. */
import type { Clock } from '@downlink/protocol'
import type { AfterTick } from '../src/clock.ts'

export interface TestClock extends Clock {
  random: () => number
  readonly afterTick: AfterTick
  /** Advances the time and calls the timers that are due, in order. */
  advance(byMs: number): void
  /** Advances the time without calling timers, as if code were running. */
  pass(byMs: number): void
  /** Ends the tick: calls the callbacks that were scheduled with `afterTick`. */
  tick(): void
  /** The number of active timers. */
  readonly timers: number
}

export function createTestClock(random: () => number = () => 0.5): TestClock {
  let nowMs = 0
  const timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>()
  let scheduled: (() => void)[] = []
  return {
    now: () => nowMs,
    dateMs: () => nowMs,
    random,
    afterTick: (callback) => void scheduled.push(callback),
    after(delayMs, callback) {
      const timer = { dueMs: nowMs + delayMs, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    pass(byMs) {
      nowMs += byMs
    },
    tick() {
      const due = scheduled
      scheduled = []
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
