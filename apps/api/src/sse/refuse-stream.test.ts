import { expect, test } from 'vitest'
import { startApi } from '../../test/api.ts'

const eventSource = { Accept: 'text/event-stream' }

test('a stream over the limit is refused with a retry time, so that an EventSource reconnects', async () => {
  const { open } = await startApi({ MAX_STREAMS: '2' })
  await Promise.all([open('/stream-time'), open('/stream-time')])
  const refused = await Promise.all(
    Array.from({ length: 5 }, () => open('/stream-time', eventSource)),
  )
  await Promise.all(refused.map((reader) => reader.ended))
  for (const { status, headers, events } of refused) {
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/event-stream')
    expect(headers['downlink-refused']).toBe('too-many-streams')
    expect(events).toEqual([])
  }
  const waits = refused.map(({ retries }) => retries[0] ?? 0)
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(15_000)
  expect(Math.max(...waits)).toBeLessThanOrEqual(45_000)
  expect(new Set(waits).size).toBeGreaterThan(1)
})

test('refuses a multiplexed stream with downlink.bye too', async () => {
  const { open } = await startApi({ MAX_STREAMS: '1' })
  await open('/stream-time')
  const refused = await open('/events?topic=time', eventSource)
  await refused.ended
  expect(refused.events.map(({ event, data }) => [event, JSON.parse(data) as unknown])).toEqual([
    ['downlink.bye', { reason: 'too-many-streams', reconnectMs: refused.retries[0] }],
  ])
})

test('refuses a client that does not ask for an event stream with 503 and Retry-After', async () => {
  const { open, send } = await startApi({ MAX_STREAMS: '1' })
  await open('/stream-time')
  const answer = await send('/stream-time')
  expect(answer.status).toBe(503)
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(answer.headers['downlink-refused']).toBe('too-many-streams')
  expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(15)
})

test('limits streams per client address', async () => {
  const { open } = await startApi({ MAX_STREAMS_PER_ADDRESS: '1', TRUST_PROXY: '1' })
  const from = (address: string) =>
    open('/stream-time', { ...eventSource, 'X-Forwarded-For': address })
  expect((await from('192.0.2.1')).headers['downlink-refused']).toBeUndefined()
  expect((await from('192.0.2.1')).headers['downlink-refused']).toBe('too-many-streams-of-address')
  expect((await from('192.0.2.2')).headers['downlink-refused']).toBeUndefined()
})

test('a closed stream and HEAD do not count as open, and refusals are counted', async () => {
  const { open, send, quiet } = await startApi({ MAX_STREAMS: '1' })
  await send('/stream-time', { method: 'HEAD' })
  const first = await open('/stream-time')
  await open('/stream-time', eventSource)
  expect((await send('/metrics')).body).toContain('sse_refused_total{reason="too-many-streams"} 1')
  first.close()
  await quiet()
  const second = await open('/stream-time', eventSource)
  expect(await second.until(1)).toHaveLength(1)
})

test('a refused training stream starts no run', async () => {
  const { open, runs } = await startApi({ MAX_STREAMS: '1' })
  await open('/stream-time')
  await open('/stream-training', eventSource)
  expect(runs.list()).toEqual([])
})
