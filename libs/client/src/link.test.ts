import { defineStream, json, text, type StandardSchema, type StreamEvent } from '@downlink/protocol'
import { encodeEvent } from '@downlink/protocol/sse'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createManualClock, type ManualClock } from '../test/manual-clock.ts'
import { startStreamServer, type StreamServer } from '../test/stream-server.ts'
import { createLink, type Link } from './link.ts'
import type { LinkOptions } from './link-options.ts'
import type { LinkStatus } from './status.ts'

const anyString: StandardSchema<string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'string' ? { value } : { issues: [{ message: 'expected a string' }] },
  },
}
const news = defineStream({
  topic: 'news',
  events: { message: text(anyString), flash: json(anyString) },
  slowReader: 'every',
})
const clock24 = defineStream({
  topic: 'clock',
  events: { tick: text(anyString) },
  slowReader: 'latest',
})

let server: StreamServer
let clock: ManualClock
let links: Link[]

beforeEach(async () => {
  server = await startStreamServer()
  clock = createManualClock()
  links = []
})
afterEach(async () => {
  for (const link of links) link.close()
  await server.close()
})

test('two subscriptions share one connection and get their own events, typed', async () => {
  const link = create()
  const got: (StreamEvent<typeof news> | StreamEvent<typeof clock24>)[] = []
  const both = new Promise<void>((resolve) => {
    const take = (event: StreamEvent<typeof news> | StreamEvent<typeof clock24>): void => {
      if (got.push(event) === 3) resolve()
    }
    link.subscribe(news, { onEvent: take })
    link.subscribe(clock24, { onEvent: take })
  })
  const visit = await server.visit()
  visit.open()
  visit.write(encodeEvent({ event: 'news/message', data: 'hello', id: 'e-1' }))
  visit.write(encodeEvent({ event: 'clock/tick', data: '12:00', id: 'e-2' }))
  visit.write(encodeEvent({ event: 'news/flash', data: '"now"', id: 'e-3' }))
  await both

  expect(visit.url.searchParams.getAll('topic')).toEqual(['news', 'clock'])
  expect(got).toEqual([
    { event: 'message', data: 'hello', id: 'e-1' },
    { event: 'tick', data: '12:00', id: 'e-2' },
    { event: 'flash', data: 'now', id: 'e-3' },
  ])
  expect(server.visits).toHaveLength(1)
})

test('after a cut it reconnects with the last id and leaves out what comes twice', async () => {
  const link = create()
  const loop = link.subscribe(news)[Symbol.asyncIterator]()
  const first = await server.visit()
  first.open().write(encodeEvent({ event: 'news/message', data: 'a', id: 'e-1' }))
  expect(await loop.next()).toMatchObject({ value: { data: 'a' } })
  const reconnecting = status(link, 'reconnecting')
  first.cut()
  await reconnecting
  clock.advance(2_000)
  const second = await server.visit()
  second.open()
  for (const [id, data] of [
    ['e-1', 'a'],
    ['e-2', 'b'],
  ] as const) {
    second.write(encodeEvent({ event: 'news/message', data, id }))
  }
  expect(second.request.headers['last-event-id']).toBe('e-1')
  expect(await loop.next()).toMatchObject({ value: { data: 'b' } })
})

function create(options: LinkOptions = {}): Link {
  const link = createLink(`${server.url}/events`, { clock, random: () => 0.5, ...options })
  links.push(link)
  return link
}

function status(link: Link, state: LinkStatus['state']): Promise<LinkStatus> {
  if (link.status.state === state) return Promise.resolve(link.status)
  return new Promise((resolve) => {
    const stop = link.onStatus((next) => {
      if (next.state !== state) return
      stop()
      resolve(next)
    })
  })
}
