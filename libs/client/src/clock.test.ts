import { describe, expect, test } from 'vitest'
import { createManualClock } from '../test/manual-clock.ts'
import { systemClock, wait } from './clock.ts'

const MINUTE_MS = 60_000

describe('wait()', () => {
  test.each([1, 4_999, 5_000, 5_001, MINUTE_MS])('calls back once after %i ms', (delayMs) => {
    const clock = createManualClock()
    let calls = 0
    wait(clock, delayMs, () => calls++)
    clock.advance(delayMs - 1)
    expect(calls).toBe(0)
    clock.advance(1)
    expect(calls).toBe(1)
    expect(clock.pending()).toEqual([])
  })

  test.each([
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ])('is not changed by a wall clock that is set %s', (_name, byMs) => {
    const clock = createManualClock()
    let calls = 0
    wait(clock, MINUTE_MS, () => calls++)
    clock.setDate(byMs)
    clock.advance(MINUTE_MS - 1)
    expect(calls).toBe(0)
    clock.advance(1)
    expect(calls).toBe(1)
  })

  test('counts the time that the machine slept, once the next step ends', () => {
    const clock = createManualClock()
    let calls = 0
    wait(clock, 2 * MINUTE_MS, () => calls++)
    clock.sleep(MINUTE_MS)
    clock.advance(MINUTE_MS - 1)
    expect(calls).toBe(0)
    clock.advance(1)
    expect(calls).toBe(1)
  })

  test('can be canceled before and after its first step', () => {
    const clock = createManualClock()
    const canceled = (): never => {
      throw new Error('A canceled wait must not call back.')
    }
    const early = wait(clock, MINUTE_MS, canceled)
    const late = wait(clock, MINUTE_MS, canceled)
    early()
    clock.advance(12_000)
    late()
    expect(clock.pending()).toEqual([])
    clock.advance(MINUTE_MS)
  })
})

test('the system clock calls back after a delay, unless it is canceled', async () => {
  let calls = 0
  const cancel = systemClock.after(0, () => calls++)
  cancel()
  await new Promise<void>((resolve) => systemClock.after(1, resolve))
  expect(calls).toBe(0)
})
