import { expect, test } from 'vitest'
import { startApi } from '../../test/api.ts'

test('GET /time returns the server’s time in ms', async () => {
  const { send, clock } = await startApi()
  const answer = await send('/time')
  expect(JSON.parse(answer.body)).toEqual({ now: clock.dateMs() })
  expect(answer.headers['cache-control']).toBe('no-store')
})

test('a running server is alive and ready', async () => {
  const { send } = await startApi()
  expect((await send('/livez')).status).toBe(200)
  expect((await send('/readyz')).status).toBe(200)
})

test('metrics count connections, events, deliveries, leave reasons and resume outcomes', async () => {
  const { open, send, clock, quiet } = await startApi()
  const [one, two] = await Promise.all([open('/stream-time'), open('/events?topic=time')])
  await Promise.all([one.until(1), two.until(2)])
  await clock.advance(1_000)
  await Promise.all([one.until(2), two.until(3)])
  const resumed = await open('/stream-time', { 'Last-Event-ID': one.events[0]?.id ?? '' })
  await resumed.until(1)
  const lines = async () => (await send('/metrics')).body.split('\n')
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'sse_connections 3',
      'sse_events_total 2',
      'sse_queued_bytes 0',
      'sse_resumes_total{outcome="fresh"} 2',
      'sse_resumes_total{outcome="resumed"} 1',
      'sse_resumes_total{outcome="gap"} 0',
      'sse_refused_total{reason="draining"} 0',
      expect.stringMatching(/^event_loop_delay_seconds\{quantile="0.99"\} \d/),
    ]),
  )
  for (const reader of [one, two, resumed]) reader.close()
  await quiet()
  expect(await lines()).toEqual(
    expect.arrayContaining(['sse_connections 0', 'sse_disconnects_total{reason="client"} 3']),
  )
})

test('logs one line per stream, without its query', async () => {
  const { open, logged, quiet } = await startApi()
  const reader = await open('/events?topic=time&token=secret&lastEventId=secret-1')
  await reader.until(2)
  reader.close()
  await quiet()
  await expect.poll(() => logged.length).toBe(1)
  expect(logged[0]).toMatchObject({
    msg: 'stream closed',
    path: '/events',
    topics: ['time'],
    address: '127.0.0.1',
    outcome: 'gap',
    reason: 'client',
    durationMs: 0,
    events: 1,
    bytes: expect.any(Number) as number,
    dropped: 0,
  })
  expect(JSON.stringify(logged)).not.toContain('secret')
})
