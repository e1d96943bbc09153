import { describe, expect, test } from 'vitest'
import { createFormats } from '../ui/format.ts'
import { createLossCurve } from './training/loss-curve.ts'
import { createRuns } from './training/runs.ts'
import { offsetWords, zoneMinutes } from './time/server-clock.ts'
import { createTickLog } from './time/tick-log.ts'

describe('the log of ticks', () => {
  test('lights what came, marks what did not, and leaves the rest of the minute ahead', () => {
    const log = createTickLog()
    for (const second of [57, 58, 60, 61]) log.add(second, 0)
    const { ticks, arrived, missed } = log.view()
    expect(ticks[0]).toBe('arrived')
    expect(ticks[1]).toBe('arrived')
    expect(ticks[2]).toBe('ahead')
    expect([arrived, missed]).toEqual([4, 1])
  })

  test('is not misled by a repeat or by midnight', () => {
    const log = createTickLog()
    for (const second of [86_398, 86_399, 86_399, 0, 86_399, 1]) log.add(second, 0)
    expect(log.view()).toMatchObject({ arrived: 4, missed: 0, secondOfDay: 1 })
  })

  test('takes a hole of more than ten minutes for another sitting', () => {
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

describe('the loss curve', () => {
  test('smooths as much as it is asked to, as far as it is asked to', () => {
    const curve = createLossCurve()
    curve.add(0.1, 1, 0)
    curve.add(0.2, 0, 0)
    curve.add(0.3, 0, 0)
    expect(curve.series(0.5, 0.3)).toEqual([
      [0.1, 0.2, 0.3],
      [1, 0, 0],
      [1, 0.5, 0.25],
    ])
    expect(curve.series(0, 0.2)[2]).toEqual([1, 0])
  })

  test('is thinned evenly when a run is longer than its memory', () => {
    const curve = createLossCurve(8)
    for (let i = 0; i < 100; i += 1) curve.add(i, 1, 0)
    const [x] = curve.series(0, 100)
    expect(x.length).toBeLessThanOrEqual(8)
    const steps = x.slice(1).map((value, index) => value - (x[index] ?? 0))
    expect(new Set(steps).size).toBe(1)
    expect(x[0]).toBe(0)
  })
})

describe('the server’s clock', () => {
  test.each([
    [14 * 3600 + 27 * 60, Date.UTC(2026, 10, 22, 13, 27), 60],
    [8 * 3600, Date.UTC(2026, 10, 22, 13), -300],
    [1800, Date.UTC(2026, 10, 22, 19), 330],
    [22 * 3600, Date.UTC(2026, 10, 23, 1), -180],
  ])('tells its zone: %i s of the day', (second, at, minutes) => {
    expect(zoneMinutes(second, at)).toBe(minutes)
  })

  test('is said to be wrong only when it is far off', () => {
    const formats = createFormats('en')
    expect(offsetWords(12, formats)).toEqual({ text: '+12 ms ahead', far: false })
    expect(offsetWords(0.2, formats)).toEqual({ text: 'same time', far: false })
    expect(offsetWords(-7_200_000, formats)).toEqual({
      text: '\u22122 h behind: one clock is wrong',
      far: true,
    })
  })
})

describe('runs over HTTP', () => {
  const answer =
    (status: number, body: object | null = null) =>
    () =>
      Promise.resolve(new Response(body && JSON.stringify(body), { status }))

  test('a run that was started has its id and its beginning', async () => {
    const startedAt = '2026-11-22T13:27:41.000Z'
    const runs = createRuns('', answer(201, { id: 'a', state: 'running', startedAt }))
    expect(await runs.start()).toEqual({
      id: 'a',
      state: 'running',
      startedAt: Date.parse(startedAt),
    })
  })

  test.each([
    [404, 'The API refused the run (404). The API may be older than this page.'],
    [503, 'The API refused the run (503). Try again later.'],
  ])('a refusal with %i says what to do', async (status, message) => {
    await expect(createRuns('', answer(status)).start()).rejects.toThrow(message)
  })

  test('an answer of another API is no run', async () => {
    await expect(createRuns('', answer(201, { run: 'a' })).start()).rejects.toThrow(
      'The API answered without a run id.',
    )
  })

  test('an API that is away says so', async () => {
    const away = () => Promise.reject(new TypeError('no network'))
    await expect(createRuns('', away).start()).rejects.toThrow('The API cannot be reached.')
  })

  test('a run that is gone is null, and cancelling it is no error', async () => {
    const runs = createRuns('', answer(404))
    expect(await runs.find('a')).toBeNull()
    await expect(runs.cancel('a')).resolves.toBeUndefined()
  })

  test('an id is part of the path, whatever it contains', async () => {
    let asked = ''
    const runs = createRuns('', (path) => {
      asked = path as string
      return Promise.resolve(new Response(null, { status: 404 }))
    })
    await runs.find('../events?topic=time')
    expect(asked).toBe('/training-runs/..%2Fevents%3Ftopic%3Dtime')
  })
})
