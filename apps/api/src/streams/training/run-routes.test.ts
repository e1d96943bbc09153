import { stocks } from '@downlink/protocol/streams'
import { expect, test } from 'vitest'
import { startApi, type Api } from '../../../test/api.ts'
import type { RunView } from './run-view.ts'

async function post({ send }: Api): Promise<{ location: string; run: RunView }> {
  const { status, headers, body } = await send('/training-runs', { method: 'POST' })
  expect(status).toBe(201)
  return { location: headers.location ?? '', run: JSON.parse(body) as RunView }
}

test('starts, shows, lists and cancels a run', async () => {
  const api = await startApi()
  const { location, run } = await post(api)
  expect(location).toBe(`/training-runs/${run.id}`)
  expect(run).toMatchObject({ state: 'running', topic: `training/${run.id}`, epoch: null })

  await api.clock.advance(4_000)
  const shown = JSON.parse((await api.send(location)).body) as RunView
  expect(shown).toMatchObject({ id: run.id, state: 'running', epoch: 2, totalEpochs: 10 })
  expect(JSON.parse((await api.send('/training-runs')).body)).toEqual({ runs: [shown] })
  expect((await api.send('/metrics')).body).toContain('\ntraining_runs 1\n')

  expect((await api.send(location, { method: 'DELETE' })).status).toBe(204)
  expect(JSON.parse((await api.send(location)).body)).toMatchObject({ state: 'cancelled' })
  expect((await api.send(location, { method: 'DELETE' })).status).toBe(204)
})

test('every viewer sees the whole run, also after a reload in the middle', async () => {
  const api = await startApi()
  const { run } = await post(api)
  await api.clock.advance(10_000)
  const late = await api.open(`/events?topic=${run.topic}`)
  await late.until(300)
  const later = await api.open(`/events?topic=${encodeURIComponent(run.topic)}`)
  await api.clock.advance(15_000)
  await Promise.all([late.ended, later.ended])
  for (const { events } of [late, later]) {
    const ofRun = events.filter(({ event }) => event.startsWith(`${run.topic}/`))
    expect(ofRun).toHaveLength(1001)
    expect(JSON.parse(ofRun[0]?.data ?? '')).toMatchObject({ epoch: 1, progress_percent: 1 })
    expect(ofRun.at(-1)?.event).toBe(`${run.topic}/complete`)
  }
})

test('a run is replayed whole after 20,000 events of other streams', async () => {
  const api = await startApi({ MAX_TRAINING_RUNS: '1', MAX_KEPT_TRAINING_RUNS: '1' })
  const { run } = await post(api)
  await api.clock.advance(25_000)
  const { hub } = api.server.services
  for (let i = 0; i < 20_000; i++)
    await hub.publish(stocks, 'MSFT', { symbol: 'MSFT', price: i, change: 1 })
  const late = await api.open(`/events?topic=${run.topic}`)
  await late.ended
  const ofRun = late.events.filter(({ event }) => event.startsWith(`${run.topic}/`))
  expect(ofRun).toHaveLength(1001)
})

test('a run continues after its viewers have left', async () => {
  const api = await startApi()
  const { run, location } = await post(api)
  const viewer = await api.open(`/events?topic=${run.topic}`)
  viewer.close()
  await expect.poll(() => api.server.services.admission.open).toBe(0)
  await api.clock.advance(25_000)
  expect(JSON.parse((await api.send(location)).body)).toMatchObject({ state: 'complete' })
})

test('viewers of a cancelled run get cancelled and downlink.bye; a connection with other topics stays open', async () => {
  const api = await startApi()
  const { run, location } = await post(api)
  const alone = await api.open(`/events?topic=${run.topic}`)
  const mixed = await api.open(`/events?topic=time&topic=${run.topic}`)
  await Promise.all([alone.until(1), mixed.until(2)])
  await api.send(location, { method: 'DELETE' })
  await alone.ended
  // The run was cancelled before its first step.
  const data = '{"epoch":1,"total_epochs":10,"progress_percent":0,"loss":1.1}'
  const cancelled = { event: `${run.topic}/cancelled`, data }
  const [last, bye] = alone.events.slice(-2)
  expect(last).toMatchObject(cancelled)
  expect(bye).toMatchObject({ event: 'downlink.bye' })
  expect(JSON.parse(bye?.data ?? '')).toEqual({ reason: 'ended', reconnectMs: null })
  expect((await mixed.until(3)).at(-1)).toMatchObject(cancelled)
  await api.clock.advance(2_000)
  expect((await mixed.until(4)).at(-1)?.event).toBe('time/message')
})

test('a viewer that joins after a run was cancelled sees the whole run', async () => {
  const api = await startApi()
  const { run, location } = await post(api)
  await api.clock.advance(600)
  await api.send(location, { method: 'DELETE' })
  const late = await api.open(`/events?topic=${run.topic}`)
  await late.ended
  expect(late.events.map(({ event }) => event)).toEqual([
    'downlink.hello',
    ...Array.from({ length: 5 }, () => `${run.topic}/progress`),
    `${run.topic}/cancelled`,
    'downlink.bye',
  ])
  const lastEventId = late.events[3]?.id ?? ''
  const resumed = await api.open(`/events?topic=${run.topic}&lastEventId=${lastEventId}`)
  await resumed.ended
  expect(resumed.events.slice(1, -1)).toEqual(late.events.slice(4, -1))
})

test('an unknown run gets 404', async () => {
  const { send } = await startApi()
  for (const id of [
    'nope',
    '__proto__',
    'constructor',
    '..%2f',
    '6f3f9ed4-0000-4000-8000-000000000000',
  ]) {
    expect((await send(`/training-runs/${id}`)).status).toBe(404)
    expect((await send(`/training-runs/${id}`, { method: 'DELETE' })).status).toBe(404)
  }
})

test('a run over the limit is refused with a retry time', async () => {
  const api = await startApi({ MAX_TRAINING_RUNS: '1' })
  await post(api)
  const answer = await api.send('/training-runs', { method: 'POST' })
  expect(answer.status).toBe(503)
  expect(answer.headers['retry-after']).toBe('10')
  expect(JSON.parse(answer.body)).toMatchObject({
    detail: expect.stringContaining('MAX_TRAINING_RUNS') as string,
  })

  const stream = await api.open('/stream-training', { Accept: 'text/event-stream' })
  await stream.ended
  expect(stream.status).toBe(200)
  expect(stream.headers['downlink-refused']).toBe('too-many-runs')
  expect(stream.retries[0]).toBeGreaterThanOrEqual(5_000)
  expect(stream.events).toEqual([])
})

test('an address can have ten runs in progress by default, started in either way', async () => {
  const api = await startApi({ TRUST_PROXY: '1' })
  const from = (address: string) => ({ 'X-Forwarded-For': address })
  const start = (address: string) =>
    api.send('/training-runs', { method: 'POST', headers: from(address) })
  // Each request comes from another address of one IPv6 network, which counts as one address.
  for (let i = 0; i < 9; i++) expect((await start(`2001:db8:1:2::${i}`)).status).toBe(201)
  const tenth = await api.open('/stream-training', from('2001:db8:1:2::9'))
  await expect.poll(() => api.runs.running).toBe(10)

  const answer = await start('2001:db8:1:2::a')
  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '10' } })
  expect(answer.body).toContain('MAX_TRAINING_RUNS_PER_ADDRESS')
  const stream = await api.open('/stream-training', {
    ...from('2001:db8:1:2::b'),
    Accept: 'text/event-stream',
  })
  await stream.ended
  expect(stream.headers['downlink-refused']).toBe('too-many-runs-of-address')
  expect((await start('2001:db8:1:3::1')).status).toBe(201)

  // The run of a plain stream counts until it ends, ten seconds after its viewer has left.
  tenth.close()
  await expect.poll(() => api.server.services.admission.open).toBe(0)
  await api.clock.advance(10_000)
  expect((await start('2001:db8:1:2::c')).status).toBe(201)
})

const json = { 'Content-Type': 'application/json' }

test.each([
  ['no body', {}, '', 201],
  ['an empty object', json, '{}', 201],
  ['an unknown field', json, '{"epochs": 1}', 400],
  ['__proto__', json, '{"__proto__": {"polluted": 1}}', 400],
  ['constructor.prototype', json, '{"constructor": {"prototype": {"polluted": 1}}}', 400],
  ['broken JSON', json, '{', 400],
  ['a list', json, '[]', 400],
  ['deep nesting', json, '['.repeat(1000), 400],
  ['invalid UTF-8', json, Buffer.from([0x7b, 0xff, 0x7d]), 400],
  ['a byte order mark', json, Buffer.from('\ufeff{}'), 400],
  ['another type', { 'Content-Type': 'text/plain' }, '{}', 415],
  ['a compressed body', { ...json, 'Content-Encoding': 'gzip' }, '{}', 415],
  ['a body over the limit', json, `{"a":"${'x'.repeat(2000)}"}`, 413],
  [
    'a chunked body over the limit',
    { ...json, 'Transfer-Encoding': 'chunked' },
    ' '.repeat(2000),
    413,
  ],
])('POST with %s', async (_, headers, body, status) => {
  const { send } = await startApi()
  const answer = await send('/training-runs', { method: 'POST', headers }, body)
  expect(answer.status).toBe(status)
  if (status === 413) expect(answer.headers.connection).toBe('close')
  if (status >= 400) expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})
