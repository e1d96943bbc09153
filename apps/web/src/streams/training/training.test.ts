import { describe, expect, test } from 'vitest'
import { createLossCurve } from './loss-curve.ts'
import { createRuns } from './runs.ts'

describe('the loss curve', () => {
  test('is smoothed, up to the given epoch', () => {
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

  test('keeps evenly spaced points of a run that is longer than its memory', () => {
    const curve = createLossCurve(8)
    for (let i = 0; i < 100; i += 1) curve.add(i, 1, 0)
    const [x] = curve.series(0, 100)
    expect(x.length).toBeLessThanOrEqual(8)
    const steps = x.slice(1).map((value, index) => value - (x[index] ?? 0))
    expect(new Set(steps).size).toBe(1)
    expect(x[0]).toBe(0)
  })
})

describe('runs over HTTP', () => {
  const answer =
    (status: number, body: object | null = null) =>
    () =>
      Promise.resolve(new Response(body && JSON.stringify(body), { status }))

  test('returns the id and the start of a new run', async () => {
    const startedAt = '2026-11-22T13:27:41.000Z'
    const runs = createRuns(answer(201, { id: 'a', state: 'running', startedAt }))
    expect(await runs.start()).toEqual({
      id: 'a',
      state: 'running',
      startedAt: Date.parse(startedAt),
    })
  })

  test.each([
    [404, 'The API refused the run (404). The API may be older than this page.'],
    [503, 'The API refused the run (503). Try again later.'],
  ])('says what to do if the API refuses with %i', async (status, message) => {
    await expect(createRuns(answer(status)).start()).rejects.toThrow(message)
  })

  test('rejects a response without a run id', async () => {
    await expect(createRuns(answer(201, { run: 'a' })).start()).rejects.toThrow(
      'The API answered without a run id.',
    )
  })

  test('says that the API cannot be reached', async () => {
    const away = () => Promise.reject(new TypeError('no network'))
    await expect(createRuns(away).start()).rejects.toThrow('The API cannot be reached.')
  })

  test('finds no unknown run, and can cancel it', async () => {
    const runs = createRuns(answer(404))
    expect(await runs.find('a')).toBeNull()
    await expect(runs.cancel('a')).resolves.toBeUndefined()
  })

  test('encodes the id in the path', async () => {
    let asked = ''
    const runs = createRuns((path) => {
      asked = path as string
      return Promise.resolve(new Response(null, { status: 404 }))
    })
    await runs.find('../events?topic=time')
    expect(asked).toBe('/training-runs/..%2Fevents%3Ftopic%3Dtime')
  })
})
