import { expect, test } from 'vitest'
import { isRefusal } from '../../operations/limits/refusal.ts'
import { createManualClock } from '../../../test/clock.ts'
import { createTrainingRuns } from './runs.ts'

const ignore: (event: string) => void = () => undefined
const failure = new Error('the log is full')

function setUp({
  maxRunning = 10,
  maxRunningPerAddress = 10,
  maxKept = 10,
  onPublish = ignore,
  clock = createManualClock(),
} = {}) {
  const published: { topic: string; event: string }[] = []
  const errors: unknown[] = []
  const runs = createTrainingRuns({
    clock,
    stepMs: 20,
    maxRunning,
    maxRunningPerAddress,
    maxKept,
    keptMs: 60_000,
    publish(stream, event) {
      published.push({ topic: stream.topic, event })
      onPublish(event)
      return Promise.resolve(`e-${published.length}`)
    },
    onError: (error) => errors.push(error),
  })
  return { clock, runs, published, errors, start }

  function start(life: 'own' | 'watched' = 'own') {
    const run = runs.start(life, 'a')
    if (isRefusal(run)) throw new Error(run.detail)
    return run
  }
}

test('a system clock that jumps back by 3 h neither ends a run before its start nor drops it', async () => {
  let jumpMs = 0
  const manual = createManualClock()
  const clock = { ...manual, dateMs: () => manual.dateMs() + jumpMs, pendingTimers: 0 }
  const { runs, start } = setUp({ clock })
  const run = start()
  jumpMs = -3 * 3_600_000
  await clock.advance(25_000)
  await run.ended
  expect(run.view()).toMatchObject({
    startedAt: '2026-01-01T12:00:00.000Z',
    endedAt: '2026-01-01T12:00:25.000Z',
  })
  jumpMs = 3 * 3_600_000
  expect(runs.list()).toEqual([run])
})

test('a run goes from running to complete on its own topic, with and without viewers', async () => {
  const { clock, runs, published, start } = setUp()
  const run = start()
  expect(run.view()).toEqual({
    id: run.id,
    state: 'running',
    topic: `training/${run.id}`,
    startedAt: '2026-01-01T12:00:00.000Z',
    endedAt: null,
    totalEpochs: 10,
    epoch: null,
    progressPercent: null,
    loss: null,
  })
  await clock.advance(25_000)
  await run.ended
  expect(run.view()).toMatchObject({
    state: 'complete',
    endedAt: '2026-01-01T12:00:25.000Z',
    epoch: 10,
    progressPercent: 100,
    loss: 0.1,
  })
  expect(published).toHaveLength(1001)
  expect(new Set(published.map(({ topic }) => topic))).toEqual(new Set([`training/${run.id}`]))
  expect(runs.running).toBe(0)
})

test('ids are random UUIDs', () => {
  const { start } = setUp()
  expect(start().id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  expect(start().id).not.toBe(start().id)
})

test('a cancelled run stops at once and publishes cancelled once, as its last event', async () => {
  const { clock, published, start } = setUp()
  const run = start()
  await clock.advance(1000)
  await Promise.all([run.cancel(), run.cancel()])
  const before = published.length
  await clock.advance(30_000)
  await run.cancel()
  expect(published).toHaveLength(before)
  expect(published.filter(({ event }) => event !== 'progress')).toEqual([
    { topic: `training/${run.id}`, event: 'cancelled' },
  ])
  expect(published.at(-1)?.event).toBe('cancelled')
  expect(run.view().state).toBe('cancelled')
  expect(clock.pendingTimers).toBe(0)
})

test('a run that is cancelled while it publishes complete stays complete', async () => {
  const { clock, published, start } = setUp({
    onPublish: (event) => void (event === 'complete' && run.cancel()),
  })
  const run = start()
  await clock.advance(25_000)
  await run.ended
  expect(published.map(({ event }) => event)).not.toContain('cancelled')
  expect(run.view().state).toBe('complete')
})

test('runs that end with the process publish nothing', async () => {
  const { clock, runs, published, start } = setUp()
  const run = start()
  await clock.advance(0)
  await runs.close()
  expect(published).toEqual([])
  expect(run.view().state).toBe('cancelled')
  expect(runs.running).toBe(0)
})

test('limits the number of runs in progress, and an ended run frees a place', async () => {
  const { runs, start } = setUp({ maxRunning: 2 })
  const first = start()
  start()
  expect(runs.start('own', 'a')).toMatchObject({ reason: 'too-many-runs' })
  await first.cancel()
  expect(runs.start('own', 'a')).toHaveProperty('id')
})

test('limits the number of runs per address, and an ended run frees a place', async () => {
  const { runs, start } = setUp({ maxRunningPerAddress: 2 })
  const first = start()
  start()
  expect(runs.start('own', 'a')).toMatchObject({ reason: 'too-many-runs-of-address' })
  expect(runs.start('own', 'b')).toHaveProperty('id')
  await first.cancel()
  expect(runs.start('own', 'a')).toHaveProperty('id')
  expect(runs.start('watched', 'a')).toMatchObject({ reason: 'too-many-runs-of-address' })
})

test('keeps the runs that ended last', async () => {
  const { clock, runs, start } = setUp({ maxKept: 2 })
  const ended = [start(), start(), start()]
  for (const run of ended) await run.cancel()
  const running = start()
  await clock.advance(0)
  expect(runs.list().map(({ id }) => id)).toEqual([running.id, ended[2]?.id, ended[1]?.id])
  expect(runs.get(ended[0]?.id ?? '')).toBeUndefined()
})

test('drops an ended run after its time', async () => {
  const { clock, runs, start } = setUp()
  const run = start()
  await run.cancel()
  await clock.advance(59_999)
  expect(runs.get(run.id)).toBe(run)
  await clock.advance(1)
  expect(runs.get(run.id)).toBeUndefined()
})

test('finds the run that continues after an event id', async () => {
  const { clock, runs, published, start } = setUp()
  const [one, two] = [start(), start()]
  await clock.advance(540)
  expect(runs.after('e-1')).toBe(one)
  expect(runs.after('e-2')).toBe(two)
  await one.cancel()
  expect(runs.after('e-1')).toBe('over')
  expect(runs.after('e-4')).toBe(two)
  await clock.advance(25_000)
  expect(runs.after('e-4')).toBe(two)
  expect(runs.after(`e-${published.length}`)).toBe('over')
})

test('an unknown id finds no run, and an id of a dropped run is over', async () => {
  const { clock, runs, start } = setUp({ maxKept: 0 })
  expect(runs.after('e-1')).toBeUndefined()
  const run = start()
  await clock.advance(540)
  await run.cancel()
  await clock.advance(0)
  expect(runs.get(run.id)).toBeUndefined()
  expect(runs.after('e-1')).toBe('over')
  expect(runs.after('e-4')).toBeUndefined()
  expect(runs.after('other-1')).toBeUndefined()
  expect(runs.after('nonsense')).toBeUndefined()
})

test('a watched run ends ten seconds after its last viewer has left', async () => {
  const { clock, start } = setUp()
  const run = start('watched')
  const [leave, leaveToo] = [run.watch(), run.watch()]
  leave()
  leave()
  await clock.advance(11_000)
  expect(run.view().state).toBe('running')
  leaveToo()
  await clock.advance(9_999)
  expect(run.view().state).toBe('running')
  await clock.advance(1)
  expect(run.view().state).toBe('cancelled')
})

test('a viewer that returns within ten seconds keeps a watched run running', async () => {
  const { clock, start } = setUp()
  const run = start('watched')
  run.watch()()
  await clock.advance(9_000)
  run.watch()
  await clock.advance(16_000)
  expect(run.view().state).toBe('complete')
  expect(clock.pendingTimers).toBe(0)
})

test.each([
  [
    'throws',
    () => {
      throw failure
    },
  ],
  ['rejects', () => Promise.reject(failure)],
])('a run whose publish %s is reported once and counts as cancelled', async (_, publish) => {
  const clock = createManualClock()
  const errors: unknown[] = []
  const runs = createTrainingRuns({
    clock,
    stepMs: 20,
    maxRunning: 1,
    maxRunningPerAddress: 1,
    maxKept: 1,
    keptMs: 60_000,
    publish,
    onError: (error) => errors.push(error),
  })
  const run = runs.start('own', 'a')
  if (isRefusal(run)) throw new Error(run.detail)
  await clock.advance(520)
  await run.ended
  expect(errors).toEqual([failure])
  expect(run.view().state).toBe('cancelled')
})
