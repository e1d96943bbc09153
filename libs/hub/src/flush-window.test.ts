import { describe, expect, test } from 'vitest'
import { createTestClock } from '../test/clock.ts'
import { createFlushWindow } from './flush-window.ts'

/** A window whose flushes take as long as the test says. */
function setUp(maxWindowMs: number, flushMs: number) {
  const clock = createTestClock()
  const flushedAtMs: number[] = []
  const window = createFlushWindow(clock, maxWindowMs, () => {
    flushedAtMs.push(clock.now())
    clock.pass(flushMs)
  })
  return { clock, window, flushedAtMs }
}

describe('while it is quiet', () => {
  test('a lone event leaves at the end of its tick', () => {
    const { clock, window, flushedAtMs } = setUp(5, 1)
    for (const pauseMs of [100, 20, 50]) {
      clock.advance(pauseMs)
      window.request()
      clock.tick()
      expect(flushedAtMs.at(-1)).toBe(clock.now() - 1)
    }
    expect(clock.timers).toBe(0)
  })

  test('several events of one tick leave together', () => {
    const { clock, window, flushedAtMs } = setUp(5, 0)
    window.request()
    window.request()
    clock.tick()
    expect(flushedAtMs).toEqual([0])
  })
})

describe('while it is busy', () => {
  /** An event each millisecond for a second; how often was flushed? */
  function flushesInOneSecond(maxWindowMs: number, flushMs: number): number {
    const { clock, window, flushedAtMs } = setUp(maxWindowMs, flushMs)
    while (clock.now() < 1_000) {
      window.request()
      clock.advance(1)
    }
    return flushedAtMs.length
  }

  test('the window grows with what a flush takes, up to its bound', () => {
    expect(flushesInOneSecond(5, 0)).toBe(1_000)
    // A twentieth of the time for flushing: a flush of 0.1 ms each 2 ms.
    expect(flushesInOneSecond(5, 0.1)).toBeGreaterThan(450)
    expect(flushesInOneSecond(5, 0.1)).toBeLessThan(550)
    // Up to the bound: one each 5 ms, and a little.
    expect(flushesInOneSecond(5, 1)).toBeGreaterThan(160)
    expect(flushesInOneSecond(5, 1)).toBeLessThanOrEqual(201)
  })

  test('a flush longer than the bound stretches it to three flushes', () => {
    expect(flushesInOneSecond(5, 20)).toBeLessThanOrEqual(1_000 / 60 + 1)
    expect(flushesInOneSecond(5, 20)).toBeGreaterThan(1_000 / 70)
  })

  test('a window of 0 flushes every tick', () => {
    const { clock, window, flushedAtMs } = setUp(0, 1)
    for (let i = 0; i < 10; i++) {
      window.request()
      clock.tick()
    }
    expect(flushedAtMs).toHaveLength(10)
  })

  test('a flush brought forward leaves nothing for the one that was due', () => {
    const { clock, window, flushedAtMs } = setUp(5, 1)
    window.request()
    clock.tick()
    window.request()
    window.flushNow()
    clock.advance(100)
    expect(flushedAtMs).toEqual([0, 1])
  })
})
