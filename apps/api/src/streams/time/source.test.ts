import { expect, test } from 'vitest'
import { createManualClock } from '../../../test/clock.ts'
import { timeSource } from './source.ts'
import { collect } from '../../../test/source.ts'

/** 12:59:58.7 in local time, which the source shows. */
const JUST_BEFORE_ONE = new Date(2026, 0, 1, 12, 59, 58, 700).getTime()

test('publishes the time at once and then every second', async () => {
  const clock = createManualClock(JUST_BEFORE_ONE)
  const { events, stop } = collect(timeSource(clock))
  await clock.advance(0)
  expect(events).toEqual([['message', 'The time is 12:59:58']])
  await clock.advance(999)
  expect(events).toHaveLength(1)
  await clock.advance(1001)
  expect(events.slice(1)).toEqual([
    ['message', 'The time is 12:59:59'],
    ['message', 'The time is 13:00:00'],
  ])
  await stop()
  expect(clock.pendingTimers).toBe(0)
})

test('a late timer neither skips nor repeats a second', async () => {
  const late = [0, 120, 3, 90, 0, 200, 1]
  const inner = createManualClock(new Date(2026, 0, 1, 8, 0, 0, 950).getTime())
  const clock = {
    ...inner,
    after: (ms: number, callback: () => void) => inner.after(ms + (late.shift() ?? 0), callback),
  }
  const { events, stop } = collect(timeSource(clock))
  await inner.advance(6500)
  expect(events.map(([, text]) => text)).toEqual(
    [0, 1, 2, 3, 4, 5, 6].map((second) => `The time is 08:00:0${String(second)}`),
  )
  await stop()
})

test('follows a wall clock that is set while the source runs', async () => {
  let offsetMs = 0
  const inner = createManualClock(new Date(2026, 0, 1, 8, 0, 0, 500).getTime())
  const { events, stop } = collect(
    timeSource({ ...inner, dateMs: () => inner.dateMs() + offsetMs }),
  )
  await inner.advance(0)
  offsetMs = -3_600_000
  await inner.advance(1000)
  expect(events.at(-1)).toEqual(['message', 'The time is 07:00:01'])
  await stop()
})
