import type { StandardSchemaV1 } from '@standard-schema/spec'
import { defineStream, json, text, type StreamEvent } from '@downlink/protocol'
import { encodeComment, encodeEvent } from '@downlink/protocol/sse'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createManualClock, type ManualClock } from '../../test/manual-clock.ts'
import { startStreamServer, type StreamServer } from '../../test/stream-server.ts'
import type { LinkError } from '../errors.ts'
import { createLink, type Link } from './link.ts'
import type { HeadersRequest } from '../connection/request.ts'
import type { LinkOptions } from '../options.ts'
import type { LinkStatus } from '../status.ts'
import type { WireFrame } from '../connection/wire-frames.ts'

const anyString: StandardSchemaV1<string> = {
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
  overflow: 'disconnect',
})
const ticks = defineStream({
  topic: 'ticks',
  events: { tick: text(anyString), tock: text(anyString) },
  overflow: 'conflate',
})
const run = defineStream({
  topic: 'run/1',
  events: { progress: text(anyString), complete: text(anyString) },
  overflow: 'disconnect',
  finalEvents: ['complete'],
})
type News = StreamEvent<typeof news>

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
  vi.unstubAllGlobals()
  await server.close()
})

function create(options: LinkOptions = {}): Link {
  const link = createLink(`${server.url}/events`, { clock, ...options })
  links.push(link)
  return link
}

/** The next status of this state, or the present one. */
function until<S extends LinkStatus['state']>(
  link: Link,
  state: S,
): Promise<Extract<LinkStatus, { state: S }>> {
  const matches = (status: LinkStatus): status is Extract<LinkStatus, { state: S }> =>
    status.state === state
  return new Promise((resolve) => {
    if (matches(link.status)) {
      resolve(link.status)
      return
    }
    const stop = link.onStatus((next) => {
      if (!matches(next)) return
      stop()
      resolve(next)
    })
  })
}

/** Reads news and hands out what was read one by one. */
function read(link: Link): { next: () => Promise<News>; all: News[] } {
  const all: News[] = []
  const waiting: ((event: News) => void)[] = []
  let taken = 0
  link.subscribe(news, {
    onEvent(event) {
      all.push(event)
      waiting.shift()?.(event)
    },
  })
  return {
    all,
    next() {
      const event = all[taken++]
      return event === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(event)
    },
  }
}

function message(id: string, data: string): string {
  return encodeEvent({ event: 'news/message', data, id })
}
function hello(outcome: string, heartbeatMs = 15_000): string {
  return encodeEvent({ event: 'downlink.hello', data: JSON.stringify({ heartbeatMs, outcome }) })
}
function progress(id: string): string {
  return encodeEvent({ event: 'run/1/progress', data: id, id })
}
function bye(reason: string, reconnectMs: number | null): string {
  return encodeEvent({ event: 'downlink.bye', data: JSON.stringify({ reason, reconnectMs }) })
}

describe('subscriptions', () => {
  test('share one connection, each with its own typed events', async () => {
    const link = create()
    const got: unknown[] = []
    const all = new Promise<void>((resolve) => {
      const take = (event: unknown): void => {
        if (got.push(event) === 3) resolve()
      }
      link.subscribe(news, { onEvent: take })
      link.subscribe(ticks, { onEvent: take })
    })
    const visit = await server.visit()
    visit.open()
    visit.write(message('e-1', 'hello'))
    visit.write(encodeEvent({ event: 'ticks/tick', data: '12:00', id: 'e-2' }))
    visit.write(encodeEvent({ event: 'news/flash', data: '"now"', id: 'e-3' }))
    await all
    expect(visit.url.searchParams.getAll('topic')).toEqual(['news', 'ticks'])
    expect(got).toEqual([
      { event: 'message', data: 'hello', id: 'e-1' },
      { event: 'tick', data: '12:00', id: 'e-2' },
      { event: 'flash', data: 'now', id: 'e-3' },
    ])
    expect(link.lastEventId).toBe('e-3')
    expect(server.visits).toHaveLength(1)
  })

  test('open the connection with the first reader and let it go after the last', async () => {
    const link = create()
    expect(link.status).toEqual({ state: 'idle' })
    const one = link.subscribe(news, { onEvent: () => undefined })
    const two = link.subscribe(news, { onEvent: () => undefined })
    const visit = await server.visit()
    visit.open()
    await until(link, 'live')
    one()
    one()
    two()
    await visit.closed
    expect(link.status).toEqual({ state: 'idle' })
    expect(clock.pending()).toEqual([])
    expect(server.visits).toHaveLength(1)
  })

  test('that change within one turn make one request, with the last id', async () => {
    const link = create()
    const { next } = read(link)
    const first = await server.visit()
    first.open().write(message('e-1', 'a'))
    await next()
    link.subscribe(ticks, { onEvent: () => undefined })
    const leave = link.subscribe(run, { onEvent: () => undefined })
    leave()
    const second = await server.visit()
    await first.closed
    expect(second.url.searchParams.getAll('topic')).toEqual(['news', 'ticks'])
    expect(second.request.headers['last-event-id']).toBe('e-1')
    second.open().write(message('e-2', 'b'))
    expect(await next()).toMatchObject({ data: 'b' })
    expect(server.visits).toHaveLength(2)
  })

  test('a topic that is added gets its whole start, also when that is cut, and the others go on', async () => {
    const link = create()
    const { next, all } = read(link)
    const first = await server.visit()
    expect(first.url.searchParams.getAll('added')).toEqual([])
    first.open().write(hello('fresh') + message('e-1', 'a') + message('e-5', 'b'))
    await next()
    await next()

    const steps: string[] = []
    const waiting: (() => void)[] = []
    const reached = (count: number): Promise<void> =>
      steps.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))
    link.subscribe(run, {
      onEvent({ data }) {
        steps.push(data)
        waiting.shift()?.()
      },
    })
    const second = await server.visit()
    expect(second.url.searchParams.getAll('topic')).toEqual(['news', 'run/1'])
    expect(second.url.searchParams.getAll('added')).toEqual(['run/1'])
    expect(second.request.headers['last-event-id']).toBe('e-5')
    second.open().write(`id: e-1\n${hello('resumed')}${progress('e-2')}`)
    await reached(1)
    const reconnecting = until(link, 'reconnecting')
    second.cut()
    await reconnecting
    clock.advance(1_000)

    const third = await server.visit()
    expect(third.url.searchParams.getAll('added')).toEqual([])
    expect(third.request.headers['last-event-id']).toBe('e-2')
    third.open().write(hello('resumed') + progress('e-3') + progress('e-4'))
    third.write(message('e-5', 'b') + message('e-6', 'c'))
    await next()
    expect(steps).toEqual(['e-2', 'e-3', 'e-4'])
    expect(all.map(({ id }) => id)).toEqual(['e-1', 'e-5', 'e-6'])
  })

  test('whoever reads again after nobody did begins as a newcomer', async () => {
    const link = create()
    const leave = link.subscribe(news, { onEvent: () => undefined })
    const first = await server.visit()
    first.open().write(message('e-7', 'a'))
    await vi.waitFor(() => expect(link.lastEventId).toBe('e-7'))
    leave()
    await until(link, 'idle')
    const { next } = read(link)
    const second = await server.visit()
    expect(second.request.headers['last-event-id']).toBeUndefined()
    second.open().write(message('e-1', 'its history'))
    expect(await next()).toMatchObject({ data: 'its history' })
  })

  test('a topic is named as added until a connection that asked for it has said hello', async () => {
    const link = create({ lastEventId: 'e-5', lastEventIdIn: 'query' })
    read(link)
    const first = await server.visit()
    // The place that was given is that of the topics wanted first.
    expect(first.url.searchParams.getAll('added')).toEqual([])
    link.subscribe(ticks, { onEvent: () => undefined })
    for (const attempt of [1, 2]) {
      const visit = await server.visit()
      expect(visit.url.searchParams.getAll('added')).toEqual(['ticks'])
      visit.cut()
      await nextReconnecting(link, attempt)
      clock.advance(2_000)
    }
  })

  test('left and taken again in one turn change nothing', async () => {
    const link = create()
    const leave = link.subscribe(ticks, { onEvent: () => undefined })
    const { next } = read(link)
    const visit = await server.visit()
    visit.open().write(message('e-1', 'a'))
    await next()
    leave()
    link.subscribe(ticks, { onEvent: () => undefined })
    visit.write(message('e-2', 'b'))
    await next()
    expect(server.visits).toHaveLength(1)
  })

  test('an invalid event is reported with its reason, and the stream goes on', async () => {
    const link = create()
    const failures: unknown[] = []
    const valid = new Promise((resolve) => {
      link.subscribe(news, { onEvent: resolve, onInvalid: (failure) => failures.push(failure) })
    })
    const visit = await server.visit()
    visit.open().write(encodeEvent({ event: 'news/flash', data: '1', id: 'e-1' }))
    visit.write(encodeEvent({ event: 'news/other', data: '1', id: 'e-2' }))
    visit.write(message('e-3', 'ok'))
    expect(await valid).toMatchObject({ id: 'e-3' })
    expect(failures).toMatchObject([
      { code: 'invalid-data', topic: 'news', event: 'flash', reason: 'expected a string' },
      { code: 'unknown-event', topic: 'news', event: 'other' },
    ])
  })

  test('what one callback throws is reported and harms nobody else', async () => {
    const thrown: unknown[] = []
    const link = create({ onCallbackError: (error) => thrown.push(error) })
    const errors = ['event', 'invalid', 'resume', 'dropped', 'status'].map(
      (text) => new Error(text),
    )
    const fail = (index: number) => (): void => {
      throw errors[index] as Error
    }
    link.onStatus((status) => {
      if (status.state === 'live') fail(4)()
    })
    link.subscribe(news, {
      onEvent: fail(0),
      onInvalid: fail(1),
      onResume: fail(2),
      onDropped: fail(3),
    })
    const { next } = read(link)
    const visit = await server.visit()
    visit.open().write(hello('fresh'))
    visit.write(encodeEvent({ event: 'downlink.dropped', data: '{"topic":"news","count":2}' }))
    visit.write(encodeEvent({ event: 'news/flash', data: '1', id: 'e-1' }))
    visit.write(message('e-2', 'a'))
    expect(await next()).toMatchObject({ data: 'a' })
    expect(thrown).toEqual([errors[4], errors[2], errors[3], errors[1], errors[0]])
  })

  test('what the report of that throws harms nobody either', async () => {
    const thrown: unknown[] = []
    const console = vi.spyOn(globalThis.console, 'error').mockImplementation((error) => {
      thrown.push(error)
    })
    const failure = new Error('report')
    const link = create({
      onCallbackError: () => {
        throw failure
      },
    })
    link.subscribe(news, {
      onEvent: () => {
        throw new Error('event')
      },
    })
    const { next } = read(link)
    ;(await server.visit()).open().write(message('e-1', 'a') + message('e-2', 'b'))
    expect([await next(), await next()]).toMatchObject([{ data: 'a' }, { data: 'b' }])
    expect(thrown).toEqual([failure, failure])
    console.mockRestore()
  })

  test('resume outcomes and dropped counts reach the readers they concern', async () => {
    const link = create()
    const told: unknown[] = []
    link.subscribe(news, {
      onEvent: () => undefined,
      onResume: (outcome) => told.push(['news', outcome]),
      onDropped: (count) => told.push(['news', count]),
    })
    const done = new Promise((resolve) => {
      link.subscribe(ticks, {
        onEvent: resolve,
        onResume: (outcome) => told.push(['ticks', outcome]),
        onDropped: (count) => told.push(['ticks', count]),
      })
    })
    const visit = await server.visit()
    visit.open().write(hello('gap'))
    visit.write(encodeEvent({ event: 'downlink.dropped', data: '{"topic":"ticks","count":7}' }))
    visit.write(encodeEvent({ event: 'downlink.later', data: 'of a later version' }))
    visit.write(encodeEvent({ event: 'downlink.hello', data: '{"broken":true}' }))
    visit.write(encodeEvent({ event: 'ticks/tick', data: 'x', id: 'e-9' }))
    await done
    expect(told).toEqual([
      ['news', 'gap'],
      ['ticks', 'gap'],
      ['ticks', 7],
    ])
  })

  test("a stream's last event ends it, and its topic is not asked for again", async () => {
    const link = create()
    const calls: string[] = []
    const { next } = read(link)
    link.subscribe(run, {
      onEvent: ({ event }) => calls.push(event),
      onEnd: () => calls.push('end'),
    })
    const first = await server.visit()
    first.open().write(encodeEvent({ event: 'run/1/progress', data: '1', id: 'e-1' }))
    first.write(encodeEvent({ event: 'run/1/complete', data: 'done', id: 'e-2' }))
    first.write(encodeEvent({ event: 'run/1/progress', data: 'late', id: 'e-3' }))
    const second = await server.visit()
    expect(calls).toEqual(['progress', 'complete', 'end'])
    expect(second.url.searchParams.getAll('topic')).toEqual(['news'])
    second.open().write(message('e-4', 'on'))
    expect(await next()).toMatchObject({ data: 'on' })
  })

  test('the plain format reads any event stream of one topic', async () => {
    const link = create({ format: 'plain' })
    const { next } = read(link)
    expect(() => link.subscribe(ticks, { onEvent: () => undefined })).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    )
    const visit = await server.visit()
    expect(visit.request.url).toBe('/events')
    visit.open().write('data: plain\n\nevent: flash\ndata: "x"\nid: 5\n\n')
    expect(await next()).toEqual({ event: 'message', data: 'plain', id: '' })
    expect(await next()).toEqual({ event: 'flash', data: 'x', id: '5' })
  })
})

describe('its place', () => {
  test('survives a cut, and what comes twice is left out', async () => {
    const link = create()
    const { next, all } = read(link)
    const first = await server.visit()
    first.open().write(message('e-1', 'a') + message('e-2', 'b'))
    await next()
    const reconnecting = until(link, 'reconnecting')
    first.cut()
    expect(await reconnecting).toMatchObject({ attempt: 1, reason: { code: 'network' } })
    clock.advance(1_000)
    const second = await server.visit()
    expect(second.request.headers['last-event-id']).toBe('e-2')
    second.open().write(message('e-1', 'a') + message('e-2', 'b') + message('e-3', 'c'))
    await next()
    await next()
    expect(all.map(({ data }) => data)).toEqual(['a', 'b', 'c'])
  })

  test('a new epoch begins a new count', async () => {
    const link = create()
    const { next } = read(link)
    const visit = await server.visit()
    visit.open().write(message('old-9', 'a') + message('new-1', 'b') + message('new-1', 'b'))
    visit.write(message('new-2', 'c'))
    expect([await next(), await next(), await next()].map(({ id }) => id)).toEqual([
      'old-9',
      'new-1',
      'new-2',
    ])
  })

  test('on the plain format an event without an id carries the one before it, and is no repeat', async () => {
    const link = create({ format: 'plain' })
    const { next, all } = read(link)
    ;(await server.visit()).open().end('id: a-1\ndata: 1\n\ndata: 2\n\n')
    await nextReconnecting(link, 1)
    clock.advance(1_000)
    ;(await server.visit()).open().end('data: 3\n\ndata: 4\n\nid:\ndata: 5\n\n')
    for (let i = 0; i < 5; i++) await next()
    expect(all.map(({ data, id }) => data + id)).toEqual(['1a-1', '2a-1', '3a-1', '4a-1', '5'])
    await nextReconnecting(link, 1)
    clock.advance(1_000)
    expect((await server.visit()).request.headers).not.toHaveProperty('last-event-id')
  })

  test('that is too long for an address is left out of it', async () => {
    const link = create({ lastEventIdIn: 'query' })
    const { next } = read(link)
    ;(await server.visit()).open().end(message('é'.repeat(4_000), 'a'))
    await next()
    await nextReconnecting(link, 1)
    clock.advance(1_000)
    const { url } = await server.visit()
    expect(url.searchParams.has('lastEventId')).toBe(false)
    expect(url.searchParams.get('topic')).toBe('news')
  })

  test('can begin where an earlier link stopped, and travel in the query', async () => {
    const link = create({ lastEventId: 'é-7', lastEventIdIn: 'query' })
    read(link)
    const { url, request } = await server.visit()
    expect(url.searchParams.get('lastEventId')).toBe('é-7')
    expect(request.headers).not.toHaveProperty('last-event-id')
    expect(link.lastEventId).toBe('é-7')
  })

  test('an id without data moves it too', async () => {
    const link = create()
    read(link)
    const visit = await server.visit()
    visit.open().write('id: e-5\n\n')
    const reconnecting = until(link, 'reconnecting')
    visit.end()
    await reconnecting
    expect(link.lastEventId).toBe('e-5')
  })

  test('an event cut in its middle is not delivered and its id not sent', async () => {
    const link = create()
    const { all, next } = read(link)
    const visit = await server.visit()
    visit.open().write(`${message('e-1', 'a')}id: e-2\nevent: news/message\ndata: ha`)
    await next()
    const reconnecting = until(link, 'reconnecting')
    visit.cut()
    await reconnecting
    clock.advance(1_000)
    expect((await server.visit()).request.headers['last-event-id']).toBe('e-1')
    expect(all).toHaveLength(1)
  })
})

describe('the request', () => {
  test('carries method, body, headers and credentials, anew each time', async () => {
    let count = 0
    const link = create({
      body: () => JSON.stringify({ count: ++count }),
      headers: () => ({ authorization: `Bearer ${count}`, 'content-type': 'application/json' }),
    })
    read(link)
    for (const round of [1, 2]) {
      const visit = await server.visit()
      expect(visit.request.method).toBe('POST')
      expect(visit.request.headers).toMatchObject({
        accept: 'text/event-stream',
        authorization: `Bearer ${round - 1}`,
      })
      expect(await visit.body()).toBe(`{"count":${round}}`)
      const failed = until(link, 'failed')
      visit.cut()
      await failed
      link.retryNow()
    }
  })

  test('a custom fetch gets credentials and a signal', async () => {
    const asked: RequestInit[] = []
    const link = create({
      credentials: 'include',
      fetch: (_url, init) => {
        asked.push(init ?? {})
        return Promise.reject(new Error('no network', { cause: new Error('cable') }))
      },
    })
    read(link)
    const { reason } = await until(link, 'reconnecting')
    expect(reason).toEqual({ code: 'network', message: 'no network: cable' })
    expect(asked[0]).toMatchObject({ credentials: 'include', cache: 'no-store', method: 'GET' })
    expect(asked[0]?.signal).toBeInstanceOf(AbortSignal)
  })

  test('a fragment is no part of the address', async () => {
    const asked: unknown[] = []
    const link = createLink('http://127.0.0.1:1/events?a=1#part', {
      clock,
      fetch: (url) => {
        asked.push(url)
        return Promise.reject(new Error('no network'))
      },
    })
    links.push(link)
    read(link)
    await until(link, 'reconnecting')
    expect(asked).toEqual(['http://127.0.0.1:1/events?a=1&topic=news'])
  })

  test.each([
    ['not an address', { url: 'nowhere' }],
    ['a negative time', { options: { retryMs: -1 } }],
    ['a time that is no number', { options: { heartbeatMs: NaN } }],
    ['a body that can be sent once', { options: { body: new ReadableStream() as never } }],
    ['an address with a password', { url: 'http://user:password@127.0.0.1/' }],
    ['GET with a body', { options: { method: 'GET', body: 'x' } }],
    ['a method that HTTP does not know', { options: { method: 'A B' } }],
    ['a header that HTTP cannot carry', { options: { headers: { 'a b': 'x' } } }],
  ])(
    '%s is refused at creation',
    (
      _name,
      {
        url = server.url,
        options = {},
      }: {
        url?: string
        options?: LinkOptions
      },
    ) => {
      expect(() => createLink(url, options)).toThrow(
        expect.objectContaining({ code: 'bad-option' }),
      )
    },
  )

  test.each([
    ['the times', { heartbeatMs: -1 }, /heartbeatMs must be 0 or more. Correct/],
    ['what to do', { body: new ReadableStream() as never }, /pass a function that creates one/],
  ])('a refusal names %s', (_name, options, message) => {
    expect(() => createLink(server.url, options)).toThrow(message)
  })
})

describe('an answer', () => {
  test.each([408, 425, 429, 500, 502, 503, 504])(
    'of status %i is asked again, with waits that grow up to the bound',
    async (status) => {
      clock.setRandom(0.999_999)
      const link = create()
      read(link)
      const waits: number[] = []
      for (let attempt = 1; attempt <= 7; attempt++) {
        const visit = await server.visit()
        visit.response.writeHead(status).end('busy')
        await visit.closed
        const { retryAt, ...rest } = await nextReconnecting(link, attempt)
        expect(rest).toMatchObject({ attempt, reason: { code: 'status', status } })
        waits.push(Math.round(retryAt - clock.dateMs()))
        clock.advance(retryAt - clock.dateMs())
      }
      expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    },
  )

  test('503 three times, then the stream', async () => {
    const link = create()
    const { next } = read(link)
    for (let attempt = 1; attempt <= 3; attempt++) {
      const visit = await server.visit()
      visit.response.writeHead(503).end()
      await nextReconnecting(link, attempt)
      clock.advance(1_000)
    }
    const visit = await server.visit()
    visit.open().write(message('e-1', 'back'))
    expect(await next()).toMatchObject({ data: 'back' })
    expect(link.status).toMatchObject({ state: 'live' })
  })

  test.each([
    ['7', 7_000],
    [new Date(1_000_000 + 9_000).toUTCString(), 9_000],
    ['soon', 1_000],
    ['Thursday, 01-Jan-70 00:16:49 GMT', 9_000],
    ['Thu Jan  1 00:16:49 1970', 9_000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 3_600_000],
    ['0', 1_000],
    ['-5', 1_000],
    ['1e3', 1_000],
    ['0x10', 1_000],
    ['Infinity', 1_000],
    ['5, 7', 1_000],
    ['not before 2050', 1_000],
    ['9'.repeat(400), 3_600_000],
  ])('Retry-After %j makes the wait %i ms', async (header, waitMs) => {
    const link = create()
    read(link)
    const visit = await server.visit()
    visit.response.writeHead(503, { 'retry-after': header }).end()
    const { retryAt } = await until(link, 'reconnecting')
    expect(retryAt - clock.dateMs()).toBe(waitMs)
  })

  test.each([400, 404, 405, 410, 418, 451, 201, 205, 206])(
    'of status %i fails with status, type and the beginning of the body',
    async (status) => {
      const link = create()
      read(link)
      const visit = await server.visit()
      visit.response.writeHead(status, { 'content-type': 'application/problem+json' })
      visit.response.end(status === 205 ? '' : '{"title":"no"}')
      const { error } = await until(link, 'failed')
      expect(error).toMatchObject({
        code: 'refused',
        status,
        contentType: 'application/problem+json',
        bodyExcerpt: status === 205 ? '' : '{"title":"no"}',
      })
      expect(clock.pending()).toEqual([])
    },
  )

  test('of another type fails, and a body without end is let go after its beginning', async () => {
    const link = create()
    read(link)
    const visit = await server.visit()
    visit.open({ 'content-type': 'text/html' }).write('é'.repeat(5_000))
    const { error } = await until(link, 'failed')
    expect(error).toMatchObject({ code: 'wrong-type', status: 200, contentType: 'text/html' })
    expect(error.bodyExcerpt).toBe('é'.repeat(1_024))
    await visit.closed
  })

  test('a refused body that stalls is not waited for', async () => {
    const link = create()
    read(link)
    const visit = await server.visit()
    visit.open({ 'content-type': 'text/html' }).write('<h1>')
    await vi.waitFor(() => expect(clock.pending()).toContain(1_000))
    clock.advance(1_000)
    expect((await until(link, 'failed')).error.bodyExcerpt).toMatch(/^(<h1>)?$/)
    await visit.closed
  })

  test.each([401, 403] as const)(
    '%i asks once for fresh headers, and fails when those are refused too',
    async (status) => {
      const asked: HeadersRequest[] = []
      const link = create({
        headers: (request) => {
          asked.push(request)
          return Promise.resolve({ authorization: `Bearer ${asked.length}` })
        },
      })
      const { next } = read(link)
      ;(await server.visit()).response.writeHead(status).end()
      const second = await server.visit()
      expect(second.request.headers.authorization).toBe('Bearer 2')
      second.open().write(message('e-1', 'in'))
      await next()
      second.cut()
      await until(link, 'reconnecting')
      clock.advance(1_000)
      ;(await server.visit()).response.writeHead(status).end()
      ;(await server.visit()).response.writeHead(status).end('expired')
      const { error } = await until(link, 'failed')
      expect(error).toMatchObject({ code: 'refused', status, bodyExcerpt: 'expired' })
      expect(asked.map(({ refusedStatus }) => refusedStatus)).toEqual([
        undefined,
        status,
        undefined,
        status,
      ])
      expect(server.visits).toHaveLength(4)
    },
  )

  test('401 with headers that cannot be refreshed fails at once', async () => {
    const link = create({ headers: { authorization: 'Bearer fixed' } })
    read(link)
    ;(await server.visit()).response.writeHead(401).end()
    expect((await until(link, 'failed')).error).toMatchObject({ status: 401 })
  })

  test('headers that cannot be had are a reason to retry', async () => {
    const link = create({ headers: () => Promise.reject(new Error('no token')) })
    read(link)
    expect((await until(link, 'reconnecting')).reason).toEqual({
      code: 'headers',
      message: 'no token',
    })
    expect(server.visits).toHaveLength(0)
  })

  test('204 ends the link until it is asked to retry', async () => {
    const link = create()
    const { next } = read(link)
    ;(await server.visit()).response.writeHead(204).end()
    expect(await until(link, 'ended')).toEqual({ state: 'ended', reason: 'no-content' })
    expect(clock.pending()).toEqual([])
    link.retryNow()
    const visit = await server.visit()
    visit.open().write(message('e-1', 'more'))
    expect(await next()).toMatchObject({ data: 'more' })
  })

  test.each([204, 404])(
    '%i is asked about again for whoever reads the same later',
    async (status) => {
      const link = create()
      link.subscribe(news, { onEvent: () => undefined })
      ;(await server.visit()).response.writeHead(status).end()
      await until(link, status === 204 ? 'ended' : 'failed')
      const loop = link.subscribe(news)[Symbol.asyncIterator]()
      const first = loop.next()
      ;(await server.visit()).open().write(message('e-1', 'now'))
      expect(await first).toMatchObject({ value: { data: 'now' } })
      await loop.return?.()
      expect(link.status.state).toBe('live')
      expect(server.visits).toHaveLength(2)
    },
  )

  test('bye without return ends the link, after the events before it', async () => {
    const link = create()
    const { next } = read(link)
    const visit = await server.visit()
    visit.open().write(message('e-1', 'last') + bye('closing down', null))
    expect(await until(link, 'ended')).toEqual({ state: 'ended', reason: 'closing down' })
    expect(await next()).toMatchObject({ data: 'last' })
    await visit.closed
    expect(clock.pending()).toEqual([])
  })

  test('bye with a time is followed to the millisecond, unless it was the greeting', async () => {
    const link = create()
    const { next } = read(link)
    const visit = await server.visit()
    visit.open().write(message('e-1', 'a'))
    await next()
    clock.sleep(5_000)
    visit.write(bye('restart', 250))
    expect(await until(link, 'reconnecting')).toEqual({
      state: 'reconnecting',
      attempt: 1,
      retryAt: clock.dateMs() + 250,
      reason: { code: 'bye', message: 'restart' },
    })
    clock.advance(250)
    const second = await server.visit()
    second.open().write(bye('full', 0))
    await second.closed
    const { retryAt } = await until(link, 'reconnecting')
    expect(retryAt - clock.dateMs()).toBe(1_000)
  })

  test('an event over the limit fails the link, which would get it again', async () => {
    const link = create({ maxEventBytes: 100 })
    const { next } = read(link)
    const visit = await server.visit()
    visit.open().write(message('e-1', 'small') + message('e-2', 'x'.repeat(200)))
    expect(await next()).toMatchObject({ data: 'small' })
    expect((await until(link, 'failed')).error.code).toBe('event-too-large')
    await visit.closed
  })

  test('an event of 1 MB that comes in small pieces arrives whole', async () => {
    const link = create()
    const { next } = read(link)
    const visit = await server.visit()
    const data = 'x'.repeat(1_000_000)
    visit.open().write(message('e-1', data))
    expect((await next()).data).toHaveLength(data.length)
  })
})

describe('waiting', () => {
  test.each([
    ['retry: 5000\n', 5_000],
    ['retry: 60000\n', 60_000],
    ['retry: 99999999999\n', 3_600_000],
    ['retry: 0\n', 500],
    [`retry: ${'9'.repeat(400)}\n`, 3_600_000],
  ])('%j is the least wait: %i ms', async (line, waitMs) => {
    const link = create()
    read(link)
    const visit = await server.visit()
    visit.open().write(`${line}: heard\n\n`)
    await until(link, 'live')
    const reconnecting = until(link, 'reconnecting')
    visit.end()
    const { retryAt, reason } = await reconnecting
    expect(reason.code).toBe('cut')
    expect(retryAt - clock.dateMs()).toBe(waitMs)
    expect(Math.max(...clock.pending())).toBeLessThan(2 ** 31)
  })

  test('retryNow() does not wait', async () => {
    const link = create()
    read(link)
    ;(await server.visit()).cut()
    await until(link, 'reconnecting')
    link.retryNow()
    const visit = await server.visit()
    expect(link.status.state).toBe('reconnecting')
    // The request under way is not made again, nor by what else asks at once.
    link.retryNow()
    visit.open()
    await until(link, 'live')
    link.retryNow()
    expect(clock.pending()).toHaveLength(1)
    expect(server.visits).toHaveLength(2)
  })

  test('a machine that slept does not wait out what has passed', async () => {
    const link = create()
    read(link)
    const visit = await server.visit()
    visit.open().write('retry: 60000\n\n')
    const reconnecting = until(link, 'reconnecting')
    visit.end()
    await reconnecting
    clock.sleep(60_000)
    clock.advance(5_000)
    await server.visit()
  })

  test('a clock that is set back stretches no wait', async () => {
    const link = create()
    read(link)
    ;(await server.visit()).cut()
    await until(link, 'reconnecting')
    clock.setDate(-3_600_000)
    clock.advance(1_000)
    await server.visit()
  })

  test('a connection that breaks again and again at once waits longer each time', async () => {
    clock.setRandom(0.999_999)
    const link = create()
    read(link)
    const waits: number[] = []
    for (let attempt = 1; attempt <= 4; attempt++) {
      const visit = await server.visit()
      visit.open().write(hello('fresh'))
      visit.end()
      const { retryAt } = await nextReconnecting(link, attempt)
      waits.push(Math.round(retryAt - clock.dateMs()))
      clock.advance(retryAt - clock.dateMs())
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000])
  })
})

describe('the watchdog', () => {
  test('tells stale from dead by the heartbeats that hello announces', async () => {
    const link = create()
    read(link)
    const visit = await server.visit()
    const told = new Promise<void>((resolve) =>
      link.subscribe(news, { onEvent: () => undefined, onResume: () => resolve() }),
    )
    visit.open().write(hello('fresh', 1_000))
    await told
    const heardAt = clock.dateMs()
    clock.advance(1_999)
    expect(link.status.state).toBe('live')
    clock.advance(1)
    expect(link.status).toEqual({ state: 'stale', since: heardAt })
    clock.advance(1_000)
    expect(link.status).toMatchObject({ state: 'reconnecting', reason: { code: 'silent' } })
    await visit.closed
  })

  test('is content with comments', async () => {
    const frames: WireFrame[] = []
    const link = create({ onFrame: (frame) => frames.push(frame) })
    read(link)
    const visit = await server.visit()
    visit.open().write(hello('fresh', 1_000))
    await vi.waitFor(() => expect(frames).toHaveLength(1))
    for (let beat = 2; beat <= 6; beat++) {
      clock.advance(2_400)
      visit.write(encodeComment('beat'))
      await vi.waitFor(() => expect(frames).toHaveLength(beat))
      expect(link.status.state).toBe('live')
    }
  })

  test('gives up a request that gets no answer', async () => {
    const link = create({ heartbeatMs: 1_000 })
    read(link)
    const visit = await server.visit()
    clock.advance(3_000)
    expect(link.status).toMatchObject({ state: 'reconnecting', reason: { code: 'silent' } })
    await visit.closed
  })

  test('is called off by a server that announces no heartbeat', async () => {
    const link = create()
    const told = new Promise<void>((resolve) =>
      link.subscribe(news, { onEvent: () => undefined, onResume: () => resolve() }),
    )
    ;(await server.visit()).open().write(hello('fresh', 0))
    await told
    expect(clock.pending()).toEqual([])
  })

  test('can be switched off', async () => {
    const link = create({ heartbeatMs: 0 })
    read(link)
    ;(await server.visit()).open()
    await until(link, 'live')
    expect(clock.pending()).toEqual([])
  })
})

describe('a page', () => {
  test('that comes back checks a silent connection at once, and leaves a lively one alone', async () => {
    const page = stubPage()
    const link = create({ heartbeatMs: 10_000 })
    const { next } = read(link)
    const first = await server.visit()
    first.open().write(message('e-1', 'a'))
    await next()
    page.document.dispatchEvent(new Event('visibilitychange'))
    expect(link.status.state).toBe('live')
    clock.sleep(16_000)
    page.document.dispatchEvent(new Event('visibilitychange'))
    expect(link.status).toMatchObject({ state: 'reconnecting', reason: { code: 'silent' } })
    const second = await server.visit()
    expect(second.request.headers['last-event-id']).toBe('e-1')
  })

  test('that comes back leaves a silent connection alone where no heartbeat was announced', async () => {
    const page = stubPage()
    const link = create({ heartbeatMs: 0 })
    read(link)
    ;(await server.visit()).open()
    await until(link, 'live')
    clock.sleep(60_000)
    page.document.dispatchEvent(new Event('visibilitychange'))
    expect(link.status.state).toBe('live')
  })

  test('that goes offline says so, and reconnects when it is online again', async () => {
    const page = stubPage()
    const link = create({
      fetch: (...args) =>
        page.navigator.onLine ? fetch(...args) : Promise.reject(new TypeError('offline')),
    })
    const { next } = read(link)
    const first = await server.visit()
    first.open().write(message('e-1', 'a'))
    await next()
    page.navigator.onLine = false
    page.scope.dispatchEvent(new Event('offline'))
    expect(link.status).toEqual({ state: 'offline', since: clock.dateMs() })
    await first.closed
    page.navigator.onLine = true
    page.scope.dispatchEvent(new Event('online'))
    const second = await server.visit()
    second.open()
    await until(link, 'live')
    expect(second.request.headers['last-event-id']).toBe('e-1')
  })

  test('that is offline stays live with a server on its own machine', async () => {
    const page = stubPage()
    const link = create()
    read(link)
    ;(await server.visit()).open()
    await until(link, 'live')
    page.navigator.onLine = false
    page.scope.dispatchEvent(new Event('offline'))
    ;(await server.visit()).open()
    await until(link, 'live')
    page.document.dispatchEvent(new Event('visibilitychange'))
    link.retryNow()
    expect(link.status.state).toBe('live')
  })

  test('is not listened to any more once nobody reads', async () => {
    const page = stubPage()
    const link = create()
    const leave = link.subscribe(news, { onEvent: () => undefined })
    await server.visit()
    leave()
    await until(link, 'idle')
    page.scope.dispatchEvent(new Event('offline'))
    expect(link.status).toEqual({ state: 'idle' })
  })
})

describe('a loop', () => {
  test('reads typed events and lets go when it is left', async () => {
    const link = create()
    const visiting = server.visit().then((visit) => {
      visit.open().write(message('e-1', 'a') + message('e-2', 'b') + message('e-3', 'c'))
      return visit
    })
    const got: string[] = []
    for await (const event of link.subscribe(news)) {
      got.push(event.data)
      if (event.id === 'e-2') break
    }
    await (
      await visiting
    ).closed
    expect(got).toEqual(['a', 'b'])
    expect(link.status).toEqual({ state: 'idle' })
  })

  test('ends with its stream, after what still waited', async () => {
    const link = create()
    const visiting = server.visit()
    const reading = collect(link.subscribe(run))
    const visit = await visiting
    visit.open().write(encodeEvent({ event: 'run/1/progress', data: '1', id: 'e-1' }))
    visit.write(encodeEvent({ event: 'run/1/complete', data: 'done', id: 'e-2' }))
    expect((await reading).map(({ event }) => event)).toEqual(['progress', 'complete'])
  })

  test('throws what made the link fail', async () => {
    const link = create()
    const reading = collect(link.subscribe(news))
    ;(await server.visit()).response.writeHead(404).end()
    await expect(reading).rejects.toMatchObject({ name: 'LinkError', status: 404 })
    expect(link.status).toMatchObject({ state: 'failed' })
  })

  test('ends with the link, and when the server says so', async () => {
    const link = create()
    const closing = collect(link.subscribe(news))
    await server.visit()
    link.close()
    expect(await closing).toEqual([])

    const other = create()
    const ending = collect(other.subscribe(news))
    ;(await server.visit()).response.writeHead(204).end()
    expect(await ending).toEqual([])
  })

  test('settles on abort, at any time', async () => {
    const link = create()
    const controller = new AbortController()
    const reading = collect(link.subscribe(news, { signal: controller.signal }))
    const visit = await server.visit()
    controller.abort()
    expect(await reading).toEqual([])
    await visit.closed
    expect(await collect(link.subscribe(news, { signal: controller.signal }))).toEqual([])
  })

  test("of 'every' that falls behind is cut off after what it may keep", async () => {
    const link = create()
    const loop = link.subscribe(news, { maxQueued: 2 })[Symbol.asyncIterator]()
    const visit = await server.visit()
    visit.open().write(message('e-1', 'a') + message('e-2', 'b') + message('e-3', 'c'))
    await visit.closed
    expect(await loop.next()).toMatchObject({ value: { data: 'a' } })
    expect(await loop.next()).toMatchObject({ value: { data: 'b' } })
    await expect(loop.next()).rejects.toMatchObject({
      code: 'too-slow',
    } satisfies Partial<LinkError>)
    expect(await loop.next()).toEqual({ done: true, value: undefined })
  })

  test('that waits takes an event at once: only those after it wait', async () => {
    const link = create()
    const loop = link.subscribe(news, { maxQueued: 1 })[Symbol.asyncIterator]()
    const [first, second] = [loop.next(), loop.next()]
    const visit = await server.visit()
    visit.open().write(message('e-1', 'a') + message('e-2', 'b') + message('e-3', 'c'))
    expect(await first).toMatchObject({ value: { data: 'a' } })
    expect(await second).toMatchObject({ value: { data: 'b' } })
    expect(await loop.next()).toMatchObject({ value: { data: 'c' } })
    expect(link.status.state).toBe('live')
  })

  test('over a stream of a link that was closed meanwhile says so', async () => {
    const link = create()
    const events = link.subscribe(news)
    link.close()
    await expect(collect(events)).rejects.toMatchObject({ code: 'closed' })
  })

  test("of 'latest' that falls behind loses the oldest of the same name, and is told", async () => {
    const link = create()
    let dropped = 0
    const events = link.subscribe(ticks, { maxQueued: 2, onDropped: (count) => (dropped += count) })
    const loop = events[Symbol.asyncIterator]()
    const visit = await server.visit()
    const all = new Promise((resolve) => {
      link.subscribe(ticks, {
        onEvent({ id }) {
          if (id === 'e-4') resolve(id)
        },
      })
    })
    const send = (event: string, id: string): string =>
      encodeEvent({ event: `ticks/${event}`, data: id, id })
    visit.open()
    visit.write(
      send('tock', 'e-1') + send('tick', 'e-2') + send('tick', 'e-3') + send('tick', 'e-4'),
    )
    await all
    expect(dropped).toBe(2)
    expect(await loop.next()).toMatchObject({ value: { id: 'e-1' } })
    expect(await loop.next()).toMatchObject({ value: { id: 'e-4' } })
  })
})

describe('close()', () => {
  test('in every state lets go of everything, and nothing is called afterwards', async () => {
    const states: LinkStatus['state'][] = ['idle', 'connecting', 'live', 'stale', 'reconnecting']
    for (const state of states) {
      const link = create({ heartbeatMs: 1_000 })
      const calls: string[] = []
      if (state !== 'idle') {
        link.subscribe(news, { onEvent: () => calls.push('event') })
        const visit = await server.visit()
        if (state === 'reconnecting') visit.cut()
        else if (state !== 'connecting') visit.open()
        if (state === 'stale') {
          await until(link, 'live')
          clock.advance(2_500)
        }
        await until(link, state)
      }
      link.onStatus((next) => calls.push(next.state))
      link.close()
      link.close()
      expect(link.status).toEqual({ state: 'ended', reason: 'closed' })
      expect(calls).toEqual(['ended'])
      link.retryNow()
      clock.advance(100_000)
      expect(clock.pending()).toEqual([])
      expect(calls).toEqual(['ended'])
      expect(() => link.subscribe(news)).toThrow(expect.objectContaining({ code: 'closed' }))
    }
  })

  test('inside a callback drops the rest of the chunk', async () => {
    const link = create()
    const got: string[] = []
    link.subscribe(news, {
      onEvent({ data }) {
        got.push(data)
        link.close()
      },
    })
    const visit = await server.visit()
    visit.open().write(message('e-1', 'a') + message('e-2', 'b'))
    await visit.closed
    expect(got).toEqual(['a'])
  })

  test('inside onFrame shows no further frame of the chunk, and no event', async () => {
    const got: string[] = []
    const link = create({
      onFrame({ text }) {
        got.push(text)
        link.close()
      },
    })
    link.subscribe(news, { onEvent: ({ data }) => got.push(data) })
    const visit = await server.visit()
    visit.open().write(encodeComment('one') + hello('fresh') + message('e-1', 'a'))
    await visit.closed
    expect(got).toEqual([encodeComment('one')])
    expect(clock.pending()).toEqual([])
  })

  test('is what an aborted signal does', async () => {
    const controller = new AbortController()
    const link = create({ signal: controller.signal })
    read(link)
    const visit = await server.visit()
    controller.abort()
    await visit.closed
    expect(link.status).toEqual({ state: 'ended', reason: 'closed' })
    expect(create({ signal: AbortSignal.abort() }).status.state).toBe('ended')
  })

  test('inside onStatus as the network is lost makes no other request', async () => {
    const page = stubPage()
    const link = create()
    read(link)
    ;(await server.visit()).open()
    await until(link, 'live')
    link.onStatus(({ state }) => {
      if (state === 'reconnecting') link.close()
    })
    page.scope.dispatchEvent(new Event('offline'))
    expect(link.status).toEqual({ state: 'ended', reason: 'closed' })
    expect(clock.pending()).toEqual([])
    const other = create()
    read(other)
    await server.visit()
    expect(server.visits).toHaveLength(2)
  })

  test('inside onStatus as it goes live lets the response go', async () => {
    const link = create()
    link.onStatus(({ state }) => {
      if (state === 'live') link.close()
    })
    read(link)
    const visit = await server.visit()
    visit.open()
    await visit.closed
  })
})

test('the tap sees the wire as received: events, comments, retry lines, bytes and times', async () => {
  const frames: WireFrame[] = []
  const link = create({ onFrame: (frame) => frames.push(frame) })
  const { next } = read(link)
  const visit = await server.visit()
  const wire = [encodeComment('beat'), 'retry: 2000\n\n', message('e-1', 'ö'), 'data: crlf\r\n\r\n']
  visit.open()
  for (const byte of Buffer.from(wire.join(''))) visit.write(Uint8Array.of(byte))
  visit.write(message('e-2', 'end'))
  await next()
  await next()
  expect(frames.map(({ text }) => text)).toEqual([...wire, message('e-2', 'end')])
  expect(frames.map(({ bytes }) => bytes)).toEqual(
    [...wire, message('e-2', 'end')].map((text) => Buffer.byteLength(text)),
  )
  expect(new Set(frames.map(({ receivedAt }) => receivedAt))).toEqual(new Set([clock.dateMs()]))
})

/** Waits for the reconnecting status of this attempt. */
async function nextReconnecting(
  link: Link,
  attempt: number,
): Promise<Extract<LinkStatus, { state: 'reconnecting' }>> {
  return new Promise((resolve) => {
    const look = (status: LinkStatus): boolean => {
      if (status.state !== 'reconnecting' || status.attempt !== attempt) return false
      resolve(status)
      return true
    }
    if (look(link.status)) return
    const stop = link.onStatus((status) => {
      if (look(status)) stop()
    })
  })
}

async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const event of events) all.push(event)
  return all
}

/** The parts of a browser's global scope that tell of page and network. */
function stubPage(): {
  scope: EventTarget
  document: EventTarget & { visibilityState: string; baseURI: string }
  navigator: { onLine: boolean }
} {
  const scope = new EventTarget()
  const document = Object.assign(new EventTarget(), {
    visibilityState: 'visible',
    baseURI: server.url,
  })
  const navigator = { onLine: true }
  vi.stubGlobal('addEventListener', scope.addEventListener.bind(scope))
  vi.stubGlobal('removeEventListener', scope.removeEventListener.bind(scope))
  vi.stubGlobal('document', document)
  vi.stubGlobal('navigator', navigator)
  return { scope, document, navigator }
}
