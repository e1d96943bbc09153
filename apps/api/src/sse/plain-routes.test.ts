import { expect, test } from 'vitest'
import { startApi } from '../../test/api.ts'

test('/stream-time sends the time at once and then every second, without a name and with an id', async () => {
  const { open, clock } = await startApi()
  const reader = await open('/stream-time')
  await reader.until(1)
  await clock.advance(2000)
  const events = await reader.until(3)
  expect(events.map(({ event }) => event)).toEqual(['message', 'message', 'message'])
  expect(events.map(({ data }) => data.replace(/\d\d:/, 'HH:'))).toEqual([
    'The time is HH:00:00',
    'The time is HH:00:01',
    'The time is HH:00:02',
  ])
  expect(events.map(({ id }) => id.replace(/^\w+-/, ''))).toEqual(['1', '2', '3'])
})

test('every stream has headers that prevent buffering, and starts with a comment', async () => {
  const { open } = await startApi()
  for (const path of ['/stream-time', '/system-stats', '/stream-stocks', '/stream-training']) {
    const reader = await open(path)
    expect(reader.status).toBe(200)
    expect(reader.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    })
    await expect.poll(() => reader.comments.length).toBe(1)
    expect(reader.headers['content-encoding']).toBeUndefined()
  }
})

test('/system-stats sends JSON with the field names of the contract', async () => {
  const { open } = await startApi()
  const reader = await open('/system-stats')
  const [first] = await reader.until(1)
  expect(JSON.parse(first?.data ?? '')).toEqual({
    cpu_percent: 50,
    memory_percent: 50,
    memory_used_mb: 512,
    memory_total_mb: 1024,
  })
})

test('/stream-stocks names each event after its symbol', async () => {
  const { open, clock } = await startApi()
  const reader = await open('/stream-stocks')
  await expect.poll(() => clock.pendingTimers).toBe(1)
  await clock.advance(60_000)
  const events = await reader.until(40)
  expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['AAPL', 'GOOGL', 'MSFT']))
  for (const { event, data } of events) {
    expect(JSON.parse(data)).toEqual({
      symbol: event,
      price: expect.any(Number) as number,
      change: expect.any(Number) as number,
    })
  }
})

test('200 viewers of /system-stats cause one reading per second, and the source stops after the last viewer', async () => {
  const { open, clock, readings, quiet } = await startApi()
  const readers = await Promise.all(Array.from({ length: 200 }, () => open('/system-stats')))
  await Promise.all(readers.map((reader) => reader.until(1)))
  expect(readings()).toBe(1)
  for (let second = 1; second <= 5; second++) {
    await clock.advance(1000)
    await Promise.all(readers.map((reader) => reader.until(1 + second)))
    expect(readings()).toBe(1 + second)
  }
  for (const reader of readers) reader.close()
  await quiet()
  await clock.advance(60_000)
  expect(readings()).toBe(6)
})

test('does not read the system without viewers or for HEAD', async () => {
  const { send, clock, readings, runs } = await startApi()
  const answer = await send('/system-stats', { method: 'HEAD' })
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toBe('text/event-stream')
  await send('/stream-training', { method: 'HEAD' })
  await clock.advance(5000)
  expect(readings()).toBe(0)
  expect(clock.pendingTimers).toBe(0)
  expect(runs.list()).toEqual([])
})

test('all viewers see the same prices, and a later viewer sees them continue', async () => {
  const { open, clock, quiet, server } = await startApi()
  const [one, two] = await Promise.all([open('/stream-stocks'), open('/stream-stocks')])
  await expect.poll(() => clock.pendingTimers).toBe(1)
  await clock.advance(20_000)
  const { events } = server.services.hub.counters()
  await Promise.all([one.until(events), two.until(events)])
  expect(events).toBeGreaterThan(12)
  expect(one.events).toEqual(two.events)
  one.close()
  two.close()
  await quiet()

  const prices = new Map(one.events.map(({ event, data }) => [event, JSON.parse(data) as Price]))
  const three = await open('/stream-stocks')
  await expect.poll(() => clock.pendingTimers).toBe(1)
  await clock.advance(1500)
  const [next] = await three.until(1)
  const { price, change } = JSON.parse(next?.data ?? '') as Price
  expect(price - change).toBeCloseTo(prices.get(next?.event ?? '')?.price ?? NaN, 6)
})

interface Price {
  readonly price: number
  readonly change: number
}

test('a second viewer of /stream-time gets the latest time at once', async () => {
  const { open, clock } = await startApi()
  const first = await open('/stream-time')
  await first.until(1)
  await clock.advance(400)
  const second = await open('/stream-time')
  expect(await second.until(1)).toEqual(first.events)
})

test('a reconnect with the last event id gets the missed events and then live events', async () => {
  const { open, clock } = await startApi()
  const stays = await open('/stream-time')
  const leaves = await open('/stream-time')
  await leaves.until(1)
  leaves.close()
  await clock.advance(3000)
  await stays.until(4)
  const back = await open('/stream-time', { 'Last-Event-ID': leaves.events[0]?.id ?? '' })
  await back.until(3)
  await clock.advance(1000)
  await stays.until(5)
  expect(await back.until(4)).toEqual(stays.events.slice(1))
})
