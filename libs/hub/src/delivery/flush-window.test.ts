import { describe, expect, test } from 'vitest'
import { createTestClock } from '../../test/clock.ts'
import { createFlushWindow } from './flush-window.ts'

/** A window whose flushes take `flushMs`. */
function setUp(maxWindowMs: number, flushMs: number) {
  const clock = createTestClock()
  const flushedAtMs: number[] = []
  const window = createFlushWindow(clock, clock.afterTick, maxWindowMs, () => {
    flushedAtMs.push(clock.now())
    clock.pass(flushMs)
  })
  return { clock, window, flushedAtMs }
}

describe('while it is quiet', () => {
  test('a single event is flushed at the end of its tick', () => {
    const { clock, window, flushedAtMs } = setUp(5, 1)
    for (const pauseMs of [100, 20, 50]) {
      clock.advance(pauseMs)
      window.request()
      clock.tick()
      expect(flushedAtMs.at(-1)).toBe(clock.now() - 1)
    }
    expect(clock.timers).toBe(0)
  })

  test('events of one tick are flushed together', () => {
    const { clock, window, flushedAtMs } = setUp(5, 0)
    window.request()
    window.request()
    clock.tick()
    expect(flushedAtMs).toEqual([0])
  })
})

describe('while it is busy', () => {
  /** Requests a flush every `pauseMs` for one second. Returns the number of flushes and the longest wait. */
  function busySecond(maxWindowMs: number, flushMs: number, pauseMs: number) {
    const { clock, window, flushedAtMs } = setUp(maxWindowMs, flushMs)
    let mostWaitMs = 0
    while (clock.now() < 1_000) {
      const requestedAtMs = clock.now()
      const before = flushedAtMs.length
      window.request()
      clock.advance(pauseMs)
      const [first] = flushedAtMs.slice(before)
      if (first !== undefined) mostWaitMs = Math.max(mostWaitMs, first - requestedAtMs)
    }
    return { flushes: flushedAtMs.length, mostWaitMs }
  }

  test('the window grows with the duration of a flush, up to its limit', () => {
    expect(busySecond(5, 0, 0.25).flushes).toBe(4_000)
    // Flushing takes a twentieth of the time: a flush of 0.1 ms about every 2 ms.
    expect(busySecond(5, 0.1, 0.25).flushes).toBeGreaterThan(450)
    expect(busySecond(5, 0.1, 0.25).flushes).toBeLessThan(650)
    // At the limit: about one flush every 5 ms.
    expect(busySecond(5, 0.5, 0.25).flushes).toBeGreaterThan(190)
    expect(busySecond(5, 0.5, 0.25).flushes).toBeLessThan(230)
  })

  test('the window extends to three flushes if a flush takes longer than its limit', () => {
    const { flushes } = busySecond(5, 20, 1)
    expect(flushes).toBeGreaterThan(1_000 / 70)
    expect(flushes).toBeLessThanOrEqual(1_000 / 58 + 1)
  })

  test('an event does not wait if no other event is expected within the window', () => {
    // A flush of 40 ms makes a window of 120 ms, which is longer than the 100 ms between two events.
    const { flushes, mostWaitMs } = busySecond(5, 40, 100)
    expect(flushes).toBeGreaterThanOrEqual(1_000 / 140)
    expect(mostWaitMs).toBe(0)
  })

  test('a full write flushes all pending events at the end of the tick', () => {
    const { clock, window, flushedAtMs } = setUp(5, 1)
    window.request()
    clock.advance(1)
    window.request()
    clock.tick()
    expect(flushedAtMs).toEqual([0])
    window.request(true)
    clock.tick()
    expect(flushedAtMs).toEqual([0, clock.now() - 1])
    expect(clock.timers).toBe(0)
  })

  test('a window of 0 flushes every tick', () => {
    const { clock, window, flushedAtMs } = setUp(0, 1)
    for (let i = 0; i < 10; i++) {
      window.request()
      clock.tick()
    }
    expect(flushedAtMs).toHaveLength(10)
  })

  test('`flushNow` cancels the scheduled flush', () => {
    const { clock, window, flushedAtMs } = setUp(5, 1)
    window.request()
    clock.tick()
    window.request()
    window.flushNow()
    clock.advance(100)
    expect(flushedAtMs).toEqual([0, 1])
  })
})
