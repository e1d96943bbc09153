import { describe, expect, test } from 'vitest'
import { createFormats } from '../../ui/format.ts'
import { offsetLabel, zoneMinutes } from './server-clock.ts'
import { createTickLog } from './tick-log.ts'

describe('the tick log', () => {
  test('knows which seconds of the minute arrived, were missed, or are ahead', () => {
    const log = createTickLog()
    for (const second of [57, 58, 60, 61]) log.add(second, 0)
    const { ticks, arrived, missed } = log.view()
    expect(ticks[0]).toBe('arrived')
    expect(ticks[1]).toBe('arrived')
    expect(ticks[2]).toBe('ahead')
    expect([arrived, missed]).toEqual([4, 1])
  })

  test('ignores a duplicate and continues at midnight', () => {
    const log = createTickLog()
    for (const second of [86_398, 86_399, 86_399, 0, 86_399, 1]) log.add(second, 0)
    expect(log.view()).toMatchObject({ arrived: 4, missed: 0, secondOfDay: 1 })
  })

  test('counts no missed ticks in a hole of more than ten minutes', () => {
    const log = createTickLog()
    log.add(0, 0)
    log.add(3600, 0)
    expect(log.view().missed).toBe(0)
  })

  test('keeps the lateness of the last sixty seconds', () => {
    const log = createTickLog()
    for (let second = 0; second < 100; second += 1) log.add(second, second)
    const { lateness } = log.view()
    expect(lateness).toHaveLength(60)
    expect(lateness.at(-1)).toBe(99)
  })
})

describe('the clock of the server', () => {
  test.each([
    [14 * 3600 + 27 * 60, Date.UTC(2026, 10, 22, 13, 27), 60],
    [8 * 3600, Date.UTC(2026, 10, 22, 13), -300],
    [1800, Date.UTC(2026, 10, 22, 19), 330],
    [22 * 3600, Date.UTC(2026, 10, 23, 1), -180],
  ])('shows its time zone: %i s of the day at %i', (second, at, minutes) => {
    expect(zoneMinutes(second, at)).toBe(minutes)
  })

  test('is wrong only if its offset is large', () => {
    const formats = createFormats('en')
    expect(offsetLabel(12, formats)).toEqual({ text: '+12 ms ahead', far: false })
    expect(offsetLabel(0.2, formats)).toEqual({ text: 'same time', far: false })
    expect(offsetLabel(-7_200_000, formats)).toEqual({
      text: '\u22122 h behind: one clock is wrong',
      far: true,
    })
  })
})
