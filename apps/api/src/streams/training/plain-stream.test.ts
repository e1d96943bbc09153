import { expect, test } from 'vitest'
import { startApi } from '../../../test/api.ts'

test('/stream-training sends 1,000 progress events, one complete, and ends', async () => {
  const { open, clock } = await startApi()
  const reader = await open('/stream-training')
  await clock.advance(25_000)
  await reader.ended
  expect(reader.events).toHaveLength(1001)
  expect(reader.events.slice(0, 1000).every(({ event }) => event === 'progress')).toBe(true)
  expect(JSON.parse(reader.events[0]?.data ?? '')).toEqual({
    epoch: 1,
    total_epochs: 10,
    progress_percent: 1,
    loss: 1.09,
  })
  expect(reader.events.at(-1)).toMatchObject({ event: 'complete', data: 'Training complete!' })
})

test('after the end, a reconnect with the last event id gets 204', async () => {
  const { open, send, clock } = await startApi()
  const reader = await open('/stream-training')
  await clock.advance(25_000)
  await reader.ended
  const lastId = reader.events.at(-1)?.id ?? ''
  const answer = await send('/stream-training', { headers: { 'Last-Event-ID': lastId } })
  expect(answer).toMatchObject({ status: 204, body: '' })
  expect((await send(`/stream-training?lastEventId=${lastId}`)).status).toBe(204)
})

test('a reconnect with the last event id continues the same run without gaps or duplicates', async () => {
  const { open, clock, server, runs } = await startApi()
  const before = await open('/stream-training')
  await clock.advance(4_000)
  await before.until(150)
  before.close()
  await expect.poll(() => server.services.admission.open).toBe(0)
  await clock.advance(9_000)
  const after = await open('/stream-training', { 'Last-Event-ID': before.events.at(-1)?.id ?? '' })
  await clock.advance(12_000)
  await after.ended
  expect(runs.list()).toHaveLength(1)
  const all = [...before.events, ...after.events]
  expect(all).toHaveLength(1001)
  expect(new Set(all.map(({ id }) => id)).size).toBe(1001)
  expect(all.at(-1)?.event).toBe('complete')
})

test('a run ends ten seconds after its connection has closed', async () => {
  const { open, send, clock, server, quiet, runs } = await startApi()
  const reader = await open('/stream-training')
  await clock.advance(2_000)
  await reader.until(1)
  reader.close()
  await expect.poll(() => server.services.admission.open).toBe(0)
  await clock.advance(10_000)
  await quiet()
  const [run] = runs.list()
  expect(run?.view().state).toBe('cancelled')
  const lastId = reader.events.at(-1)?.id ?? ''
  expect((await send('/stream-training', { headers: { 'Last-Event-ID': lastId } })).status).toBe(
    204,
  )
  const { events } = server.services.hub.counters()
  await clock.advance(30_000)
  expect(server.services.hub.counters().events).toBe(events)
})

test('a cancelled run publishes cancelled, ends the streams of its viewers, and answers reconnects with 204', async () => {
  const { open, send, clock, runs } = await startApi()
  const reader = await open('/stream-training')
  const [run] = runs.list()
  const beside = await open(`/events?topic=${run?.stream.topic}`)
  await clock.advance(600)
  await reader.until(5)
  await send(`/training-runs/${run?.id}`, { method: 'DELETE' })
  await Promise.all([reader.ended, beside.ended])
  const last = reader.events.at(-1)
  expect(last).toMatchObject({ event: 'cancelled', data: reader.events.at(-2)?.data })
  expect(beside.events.at(-2)).toMatchObject({ event: `${run?.stream.topic}/cancelled` })
  const answer = await send('/stream-training', { headers: { 'Last-Event-ID': last?.id ?? '' } })
  expect(answer.status).toBe(204)
})

test('an id of another process starts a new run, which does not resume from that id', async () => {
  const { open, clock, server } = await startApi()
  const reader = await open('/stream-training', { 'Last-Event-ID': 'otherepoch-512' })
  await clock.advance(520)
  const [first] = await reader.until(1)
  expect(first?.data).toContain('"progress_percent":1,')
  expect(server.services.hub.counters().resumes).toMatchObject({ fresh: 1, gap: 0 })
})

test('each connection without an id starts its own run', async () => {
  const { open, clock, runs } = await startApi()
  const readers = await Promise.all([open('/stream-training'), open('/stream-training')])
  await clock.advance(600)
  const firsts = await Promise.all(readers.map((reader) => reader.until(1)))
  expect(new Set(firsts.map(([first]) => first?.id)).size).toBe(2)
  expect(runs.running).toBe(2)
})
