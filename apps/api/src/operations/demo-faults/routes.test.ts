import { expect, test } from 'vitest'
import { startApi } from '../../../test/api.ts'

const demo = { DEMO_FAULTS: '1', DRAIN_MS: '50' }
const stream = '/events?topic=time&visitor=me'
const post = { method: 'POST' }

test('without DEMO_FAULTS the routes do not exist', async () => {
  const { send, open } = await startApi()
  const reader = await open(stream)
  await reader.until(2)
  for (const fault of ['cut', 'stall', 'expire', 'flood', 'restart'])
    expect((await send(`/demo-faults/${fault}?visitor=me`, post)).status).toBe(404)
  expect((await send('/demo-faults')).status).toBe(404)
})

test('GET /demo-faults lists the faults', async () => {
  const { send } = await startApi(demo)
  expect(JSON.parse((await send('/demo-faults')).body)).toEqual({
    faults: ['cut', 'stall', 'expire', 'flood', 'restart'],
  })
})

test('cut resets the connections of one visitor only', async () => {
  const { send, open, clock } = await startApi(demo)
  const mine = await open(stream)
  const other = await open('/events?topic=time&visitor=other')
  await Promise.all([mine.until(2), other.until(2)])
  expect((await send('/demo-faults/cut?visitor=me', post)).status).toBe(204)
  await mine.ended
  await clock.advance(1_000)
  expect(await other.until(3)).toHaveLength(3)
  const back = await open(stream, { 'Last-Event-ID': mine.events.at(-1)?.id ?? '' })
  expect((await back.until(2))[0]?.data).toContain('"resumed"')
})

test('stall holds all bytes back for a minute, then sends them in order', async () => {
  const { send, open, clock, server } = await startApi(demo)
  const mine = await open(stream)
  const other = await open('/stream-time')
  await Promise.all([mine.until(2), other.until(1)])
  expect((await send('/demo-faults/stall?visitor=me', post)).status).toBe(204)
  for (let second = 1; second <= 3; second++) {
    await clock.advance(1_000)
    await other.until(1 + second)
  }
  expect(server.services.hub.counters().deliveries).toBeGreaterThan(7)
  expect(mine.events).toHaveLength(2)
  await clock.advance(57_000)
  await mine.until(5)
  expect(mine.events.slice(1, 5).map(({ data }) => data)).toEqual(
    other.events.slice(0, 4).map(({ data }) => data),
  )
})

test('expire makes the next reconnect a gap, and no other', async () => {
  const { send, open } = await startApi(demo)
  const mine = await open(stream)
  await mine.until(2)
  const resume = { 'Last-Event-ID': mine.events.at(-1)?.id ?? '' }
  expect((await send('/demo-faults/expire?visitor=me', post)).status).toBe(204)
  await mine.ended
  const [hello] = await (await open(stream, resume)).until(1)
  expect(JSON.parse(hello?.data ?? '')).toMatchObject({ outcome: 'gap', reason: 'unknown-epoch' })
  const [next] = await (await open(stream, resume)).until(1)
  expect(JSON.parse(next?.data ?? '')).toMatchObject({ outcome: 'resumed' })
})

test('a visitor without a stream gets 404, and one without a name 400', async () => {
  const { send } = await startApi(demo)
  for (const fault of ['cut', 'stall', 'expire']) {
    expect((await send(`/demo-faults/${fault}?visitor=me`, post)).status).toBe(404)
    expect((await send(`/demo-faults/${fault}`, post)).status).toBe(400)
  }
})

test('flood publishes 3,000 prices, also when it is requested repeatedly', async () => {
  const { send, open, clock } = await startApi(demo)
  const reader = await open('/stream-stocks')
  await expect.poll(() => clock.pendingTimers).toBe(1)
  for (let i = 0; i < 3; i++) expect((await send('/demo-faults/flood', post)).status).toBe(202)
  await clock.advance(3_000)
  await reader.until(3_000)
  expect(reader.events.length).toBeLessThan(3_010)
})

test('restart ends streams with downlink.bye and listens on the same port with a new history', async () => {
  const { send, open } = await startApi(demo)
  const mine = await open(stream)
  await mine.until(2)
  expect((await send('/demo-faults/restart', post)).status).toBe(202)
  await mine.ended
  expect(JSON.parse(mine.events.at(-1)?.data ?? '')).toMatchObject({ reason: 'draining' })
  await expect
    .poll(
      () =>
        send('/readyz').then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 5_000 },
    )
    .toBe(200)
  const resume = { 'Last-Event-ID': mine.events.at(-2)?.id ?? '' }
  const [hello] = await (await open(stream, resume)).until(1)
  expect(JSON.parse(hello?.data ?? '')).toMatchObject({ outcome: 'gap', reason: 'unknown-epoch' })
})
