import { createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startApi } from '../test/api.ts'
import { startServer } from './server.ts'

test('a busy port fails with its number and how to change it', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  await expect(startServer({ PORT: String(port), LOG_LEVEL: 'silent' })).rejects.toMatchObject({
    code: 'port-busy',
    message: `Port ${port} is in use. Stop the process that uses it, or choose another port: PORT=${port + 1} npm start`,
  })
})

test('an address of another machine fails with the setting to change', async () => {
  await expect(
    startServer({ PORT: '0', HOST: '192.0.2.1', LOG_LEVEL: 'silent' }),
  ).rejects.toMatchObject({
    code: 'cannot-listen',
    message: expect.stringContaining('HOST') as string,
  })
})

test('while draining, /readyz is 503, new streams are refused, and open ones get downlink.bye', async () => {
  const { server, open, send } = await startApi()
  const streams = await Promise.all(
    Array.from({ length: 40 }, (_, i) => open(i % 2 === 0 ? '/events?topic=time' : '/stream-time')),
  )
  await Promise.all(streams.map((reader) => reader.until(1)))
  const closed = server.close(500)
  expect((await send('/readyz')).status).toBe(503)
  expect((await send('/livez')).status).toBe(200)
  const late = await open('/stream-time', { Accept: 'text/event-stream' })
  await late.ended
  expect(late.headers['downlink-refused']).toBe('draining')
  expect(late.retries[0]).toBeLessThanOrEqual(5_000)
  await closed
  await Promise.all(streams.map((reader) => reader.ended))
  for (const { events } of streams.filter((_, i) => i % 2 === 0)) {
    const bye = events.at(-1)
    expect(bye?.event).toBe('downlink.bye')
    const { reason, reconnectMs } = JSON.parse(bye?.data ?? '') as Record<string, unknown>
    expect(reason).toBe('draining')
    expect(reconnectMs).toBeTypeOf('number')
  }
})

test('closing twice returns the same promise, and a server without streams closes at once', async () => {
  const { server } = await startApi()
  // Longer than the time limit of this test.
  const closing = server.close(60_000)
  expect(server.close()).toBe(closing)
  await closing
})

test('running training runs end with the server', async () => {
  const { server, open, clock, runs } = await startApi()
  await open('/stream-training')
  await server.close(0)
  expect(runs.running).toBe(0)
  expect(clock.pendingTimers).toBe(0)
})

test('while draining, a training run ends with the last stream and is not logged as an error', async () => {
  const { server, open, send, clock, logged, runs } = await startApi()
  const post = () => send('/training-runs', { method: 'POST' })
  await post()
  const reader = await open('/stream-time')
  let isOver = false
  const closed = server.close(1_000).then(() => (isOver = true))
  const late = await post()
  expect(late.status).toBe(503)
  expect(late.headers['retry-after']).toBe('10')
  reader.close()
  await expect.poll(() => server.services.hub.counters().subscribers).toBe(0)
  await clock.advance(1_000)
  expect(runs.running).toBe(0)
  expect(isOver).toBe(false)
  await closed
  expect(logged.map(({ msg }) => msg)).toEqual(['draining', 'stream closed'])
})
