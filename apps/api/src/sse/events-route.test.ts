import { expect, test } from 'vitest'
import { startApi } from '../../test/api.ts'

test('one connection carries several topics as <topic>/<event>, after a hello with an id', async () => {
  const { open, clock, server } = await startApi()
  const reader = await open('/events?topic=time&topic=system-stats&topic=stocks')
  await reader.until(3)
  await clock.advance(3_000)
  await reader.until(1 + server.services.hub.counters().events)
  const [hello] = reader.events
  expect(hello?.event).toBe('downlink.hello')
  expect(hello?.id).toMatch(/^\w+-0$/)
  expect(JSON.parse(hello?.data ?? '')).toEqual({ heartbeatMs: 15_000, outcome: 'fresh' })
  const names = new Set(reader.events.map(({ event }) => event.replace(/(AAPL|GOOGL|MSFT)$/, '*')))
  expect(names).toEqual(
    new Set(['downlink.hello', 'time/message', 'system-stats/message', 'stocks/*']),
  )
})

test('one id resumes all topics of a connection', async () => {
  const { open, clock, server } = await startApi()
  const path = '/events?topic=time&topic=stocks'
  const stays = await open(path)
  await stays.until(2)
  await clock.advance(2_000)
  const { events } = server.services.hub.counters()
  await stays.until(1 + events)
  const middle = stays.events[2]?.id ?? ''
  const back = await open(path, { 'Last-Event-ID': middle })
  await back.until(1 + events - 2)
  expect(JSON.parse(back.events[0]?.data ?? '')).toMatchObject({ outcome: 'resumed' })
  expect(back.events.slice(1)).toEqual(stays.events.slice(3))
})

test('a topic that is added to a resumed connection starts as for a new subscriber', async () => {
  const { open, clock, send, server } = await startApi()
  const { headers } = await send('/training-runs', { method: 'POST' })
  const run = `training/${headers.location?.split('/').at(-1) ?? ''}`
  const first = await open('/events?topic=time')
  await first.until(2)
  await clock.advance(2_000)
  const last = (await first.until(4)).at(-1)?.id ?? ''
  const both = await open(`/events?topic=time&topic=${run}&added=${run}`, { 'Last-Event-ID': last })
  await both.until(2)
  const [hello, progress] = both.events
  expect(JSON.parse(hello?.data ?? '')).toMatchObject({ outcome: 'resumed' })
  expect(JSON.parse(progress?.data ?? '')).toMatchObject({ epoch: 1, progress_percent: 1 })
  expect(both.events.filter(({ event }) => event === 'time/message')).toEqual([])
  expect(server.services.hub.counters().resumes.resumed).toBe(1)
})

test('serves topics that exist, and refuses each other one after the hello', async () => {
  const { open, clock } = await startApi()
  const reader = await open(
    '/events?topic=unknown&topic=time&topic=training/none&added=training/none',
  )
  await reader.until(4)
  await clock.advance(1_000)
  await reader.until(5)
  const events = reader.events.map(({ event, data }) =>
    event === 'downlink.refused' ? [event, JSON.parse(data) as unknown] : event,
  )
  expect(events).toEqual([
    'downlink.hello',
    ['downlink.refused', { topic: 'unknown', reason: 'unknown' }],
    ['downlink.refused', { topic: 'training/none', reason: 'unknown' }],
    'time/message',
    'time/message',
  ])
})

test('the header takes precedence over the query, and either resumes', async () => {
  const { open } = await startApi()
  const first = await open('/events?topic=time')
  const [, event] = await first.until(2)
  const id = event?.id ?? ''
  const outcome = async (path: string, headers: Record<string, string> = {}) => {
    const [hello] = await (await open(path, headers)).until(1)
    return JSON.parse(hello?.data ?? '') as unknown
  }
  expect(await outcome(`/events?topic=time&lastEventId=${id}`)).toMatchObject({
    outcome: 'resumed',
  })
  expect(
    await outcome('/events?topic=time&lastEventId=nonsense', { 'Last-Event-ID': id }),
  ).toMatchObject({ outcome: 'resumed' })
  expect(
    await outcome(`/events?topic=time&lastEventId=${id}`, { 'Last-Event-ID': 'nonsense' }),
  ).toMatchObject({ outcome: 'gap', reason: 'bad-id' })
  expect(
    await outcome(`/events?topic=time&lastEventId=nonsense`, { 'Last-Event-ID': '' }),
  ).toMatchObject({ outcome: 'fresh' })
})

test.each([
  ['no topic', '/events', 400],
  ['an added topic that is not among the topics', '/events?topic=time&added=stocks', 400],
  ['an empty topic', '/events?topic=', 400],
  ['an unknown topic', '/events?topic=unknown', 404],
  ['a malformed topic among known ones', '/events?topic=time&topic=%3Cb%3E', 400],
  ['the training without a run', '/events?topic=training', 404],
  ['a run that does not exist', '/events?topic=training/none', 404],
  ['several topics of which none exists', '/events?topic=training/none&topic=unknown', 404],
  ['__proto__', '/events?topic=__proto__', 400],
  ['a topic twice', '/events?topic=time&topic=time', 400],
  ['more topics than the limit', `/events?${'topic=time&'.repeat(17)}`, 400],
  ['a thousand topics', `/events?${'topic=a&'.repeat(1000)}`, 400],
  ['two last ids', '/events?topic=time&lastEventId=a-1&lastEventId=a-2', 400],
])('rejects %s before a stream is opened', async (_, path, status) => {
  const { send, clock } = await startApi()
  const answer = await send(path)
  expect(answer.status).toBe(status)
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(clock.pendingTimers).toBe(0)
})

test.each([
  ['topic=unknown&topic=training/none', 'No requested topic exists: unknown, training/none.'],
  ['topic=time&topic=training/%3Cb%3E', 'Malformed topic name.'],
  ['topic=<script>', 'Malformed topic name.'],
])('the response to %s explains the error and repeats no markup', async (query, detail) => {
  const { send } = await startApi()
  const { body } = await send(`/events?${query}`)
  expect(JSON.parse(body)).toMatchObject({ detail: expect.stringContaining(detail) as string })
})

test('sends the limits of the server to each new subscriber of /events, and never on /system-stats', async () => {
  const limits = { memory_limit_mb: 512, cpu_limit_cores: 1.5 }
  const stats = { cpuPercent: 50, totalBytes: 2 ** 30, availableBytes: 2 ** 29 }
  const readSystem = { stats: () => Promise.resolve(stats), limits: () => Promise.resolve(limits) }
  const { open, clock } = await startApi({}, { readSystem })
  const plain = await open('/system-stats')
  await plain.until(1)
  await clock.advance(5_000)
  await plain.until(6)
  for (let subscriber = 0; subscriber < 2; subscriber++) {
    const { events } = await open('/events?topic=system-stats')
    await expect.poll(() => events.length).toBe(3)
    expect(events.map(({ event }) => event)).toEqual([
      'downlink.hello',
      'system-stats/limits',
      'system-stats/message',
    ])
    expect(JSON.parse(events[1]?.data ?? '')).toEqual(limits)
  }
  expect(new Set(plain.events.map(({ event }) => event))).toEqual(new Set(['message']))
  expect(plain.events.map(({ data }) => data).join()).not.toContain('limit')
})
