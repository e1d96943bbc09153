import { gzipSync } from 'node:zlib'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createManualClock, type ManualClock } from '../../test/manual-clock.ts'
import { startStreamServer, type StreamServer, type Visit } from '../../test/stream-server.ts'
import { EventSource, type EventSourceOptions } from './event-source.ts'

let server: StreamServer
let clock: ManualClock
let sources: EventSource[]

beforeEach(async () => {
  server = await startStreamServer()
  clock = createManualClock()
  sources = []
})
afterEach(async () => {
  for (const source of sources) source.close()
  vi.unstubAllGlobals()
  await server.close()
})

function connect(path = '/', options: EventSourceOptions = {}): EventSource {
  const source = new EventSource(server.url + path, { clock, ...options })
  sources.push(source)
  return source
}

function next<E extends Event = MessageEvent<string>>(
  source: EventSource,
  type: string,
): Promise<E> {
  return new Promise((resolve) =>
    source.addEventListener(type, (event) => resolve(event as unknown as E), { once: true }),
  )
}

/** Ends the response, lets the reconnection time pass and returns the next request. */
async function reconnect(source: EventSource, visit: Visit, waitMs = 3_000): Promise<Visit> {
  const error = next(source, 'error')
  visit.end()
  await error
  clock.advance(waitMs)
  return server.visit()
}

describe('the interface', () => {
  test('constants are on the constructor and its prototype, and cannot be changed', () => {
    for (const [name, value] of Object.entries({ CONNECTING: 0, OPEN: 1, CLOSED: 2 })) {
      const expected = { value, enumerable: true, writable: false, configurable: false }
      expect(Object.getOwnPropertyDescriptor(EventSource, name)).toEqual(expected)
      expect(Object.getOwnPropertyDescriptor(EventSource.prototype, name)).toEqual(expected)
    }
  })

  test('attributes and close() are enumerable members of the prototype', () => {
    for (const name of ['url', 'readyState', 'withCredentials']) {
      const descriptor = Object.getOwnPropertyDescriptor(EventSource.prototype, name)
      expect(descriptor).toMatchObject({ enumerable: true, configurable: true, set: undefined })
      expect(() => void Reflect.get(EventSource.prototype, name)).toThrow(TypeError)
    }
    for (const name of ['onopen', 'onmessage', 'onerror']) {
      const descriptor = Object.getOwnPropertyDescriptor(EventSource.prototype, name)
      const set: unknown = expect.any(Function)
      expect(descriptor).toMatchObject({ enumerable: true, configurable: true, set })
    }
    expect(Object.getOwnPropertyDescriptor(EventSource.prototype, 'close')).toMatchObject({
      enumerable: true,
      configurable: true,
      writable: true,
    })
    expect(EventSource.name).toBe('EventSource')
    expect(EventSource.length).toBe(1)
    expect(Reflect.get(EventSource.prototype, 'close')).toHaveLength(0)
    expect(Object.prototype.toString.call(connect())).toBe('[object EventSource]')
    expect(connect()).toBeInstanceOf(EventTarget)
  })

  test('it needs new and a URL', () => {
    const callable = EventSource as unknown as () => unknown
    expect(() => callable()).toThrow(TypeError)
    const bare = EventSource as unknown as new () => unknown
    expect(() => new bare()).toThrow(TypeError)
  })

  test('an invalid URL is a SyntaxError', () => {
    const attempt = (): EventSource => new EventSource('http://this is invalid/')
    expect(attempt).toThrow(DOMException)
    expect(attempt).toThrow(expect.objectContaining({ name: 'SyntaxError', code: 12 }))
    expect(() => new EventSource('/relative')).toThrow(DOMException)
  })

  test('a relative URL is resolved against the document, or else the location', () => {
    vi.stubGlobal('location', { href: 'http://127.0.0.1:1/dir/page.html' })
    expect(keep(new EventSource('stream', { clock })).url).toBe('http://127.0.0.1:1/dir/stream')
    expect(keep(new EventSource('', { clock })).url).toBe('http://127.0.0.1:1/dir/page.html')
    vi.stubGlobal('document', { baseURI: 'http://127.0.0.1:1/base/' })
    expect(keep(new EventSource('stream', { clock })).url).toBe('http://127.0.0.1:1/base/stream')
  })

  test('the URL may be a URL object or any value that converts to a string', () => {
    const named = { toString: () => `${server.url}/named` }
    expect(keep(new EventSource(named as unknown as URL, { clock })).url).toBe(named.toString())
    expect(keep(new EventSource(new URL(server.url), { clock })).url).toBe(`${server.url}/`)
    expect(() => new EventSource(Symbol('address') as unknown as string)).toThrow(TypeError)
  })

  test('the options follow the rules of Web IDL dictionaries', () => {
    expect(connect().withCredentials).toBe(false)
    expect(connect('/', { withCredentials: true }).withCredentials).toBe(true)
    const make = (options: unknown): EventSource =>
      keep(new EventSource(server.url, options as EventSourceOptions))
    expect(make(null).withCredentials).toBe(false)
    expect(make({ withCredentials: 'yes', clock }).withCredentials).toBe(true)
    expect(() => make(1)).toThrow(TypeError)
    expect(() => make({ headers: { 'bad name': 'x' } })).toThrow(TypeError)
  })

  test('handler attributes keep any object, and anything else becomes null', () => {
    const source = connect()
    expect(source.onmessage).toBeNull()
    const handler = (): void => undefined
    source.onmessage = handler
    expect(source.onmessage).toBe(handler)
    for (const other of [undefined, 1, 'x', true]) {
      source.onmessage = handler
      source.onmessage = other as unknown as null
      expect(source.onmessage).toBeNull()
    }
    const object = { handleEvent: handler }
    source.onmessage = object as unknown as null
    expect(source.onmessage).toBe(object)
  })

  test('a handler is called at the place where it was first set, with the source as this', () => {
    const source = connect()
    const calls: string[] = []
    source.onopen = () => calls.push('first')
    source.addEventListener('open', () => calls.push('listener'))
    source.onopen = function () {
      calls.push(this === source ? 'replaced' : 'wrong this')
    }
    source.dispatchEvent(new Event('open'))
    expect(calls).toEqual(['replaced', 'listener'])
    source.onopen = null
    source.dispatchEvent(new Event('open'))
    expect(calls).toEqual(['replaced', 'listener', 'listener'])
  })

  function keep(source: EventSource): EventSource {
    sources.push(source)
    return source
  }
})

describe('opening and failing', () => {
  test('the request is a GET that accepts event streams and bypasses caches', async () => {
    connect('/path?a=b', { headers: { authorization: 'Bearer x' } })
    const { request } = await server.visit()
    expect(request.method).toBe('GET')
    expect(request.url).toBe('/path?a=b')
    expect(request.headers).toMatchObject({
      accept: 'text/event-stream',
      'cache-control': 'no-cache',
      authorization: 'Bearer x',
    })
    expect(request.headers).not.toHaveProperty('last-event-id')
  })

  test('a custom fetch receives the URL and the options of the standard', async () => {
    const asked: [string, RequestInit][] = []
    const source = connect('/x', {
      withCredentials: true,
      fetch: (url, init) => {
        asked.push([url, init])
        return Promise.reject(new TypeError('offline'))
      },
    })
    await next(source, 'error')
    expect(asked[0]?.[0]).toBe(`${server.url}/x`)
    expect(asked[0]?.[1]).toMatchObject({ cache: 'no-store', credentials: 'include', mode: 'cors' })
  })

  test('open is dispatched once the response is accepted, before any event', async () => {
    const source = connect()
    expect(source.readyState).toBe(0)
    const seen: string[] = []
    source.onopen = (event) => {
      seen.push(event.type)
      expect(source.readyState).toBe(1)
      expect(event).not.toBeInstanceOf(MessageEvent)
      expect([event.bubbles, event.cancelable]).toEqual([false, false])
    }
    source.onmessage = ({ data, isTrusted }) => seen.push(data, String(isTrusted))
    const message = next(source, 'message')
    const visit = await server.visit()
    visit.open().write('data: a\n\n')
    await message
    // Events of the source are trusted, unlike those that a script dispatches.
    expect(seen).toEqual(['open', 'a', 'true'])
  })

  test.each([201, 204, 205, 210, 299, 400, 401, 404, 410, 429, 500, 502, 503, 504])(
    'status %i fails the connection: one error, closed, no other request',
    async (status) => {
      const source = connect()
      const visit = await server.visit()
      const error = next<Event>(source, 'error')
      visit.response.writeHead(status, { 'content-type': 'text/event-stream' })
      visit.response.end()
      expect(await error).not.toBeInstanceOf(MessageEvent)
      expect(source.readyState).toBe(2)
      expect(clock.pending()).toEqual([])
    },
  )

  test.each([
    ['text/event-stream', true],
    ['TEXT/Event-Stream', true],
    ['text/event-stream;', true],
    ['text/event-stream; charset=windows-1252', true],
    ['text/event-stream ;a="b,c"', true],
    ['text/event-streamx', false],
    ['text/event', false],
    ['x bogus', false],
    ['text/plain', false],
    ['text/event-stream, text/plain', false],
    ['text/plain, TEXT/event-stream', true],
    ['text/event-stream, */*', true],
    ['text/event-stream, no type', true],
    ['text/event-stream;a="b\\",text/plain"', true],
    ['text/html;a="text/event-stream', false],
    ['"text/event-stream"', false],
    ['', false],
  ])('the type %j is accepted: %s', async (type, accepted) => {
    const source = connect()
    const visit = await server.visit()
    const outcome = Promise.race([next<Event>(source, 'open'), next<Event>(source, 'error')])
    visit.open({ 'content-type': type })
    expect((await outcome).type).toBe(accepted ? 'open' : 'error')
    expect(source.readyState).toBe(accepted ? 1 : 2)
    if (!accepted) await visit.closed
  })

  test('a message is an ordinary MessageEvent with the origin of the response', async () => {
    const source = connect()
    const visit = await server.visit()
    const message = next(source, 'message')
    visit.open().write('id: 1\ndata: x\n\n')
    const event = await message
    expect(event).toBeInstanceOf(MessageEvent)
    expect(event.constructor).toBe(MessageEvent)
    expect(event).toMatchObject({ type: 'message', data: 'x', lastEventId: '1' })
    expect(event.origin).toBe(server.url)
    Reflect.set(event, 'origin', 'another')
    expect(event.origin).toBe(server.url)
    expect(new MessageEvent('copy', event as object)).toMatchObject({
      data: 'x',
      origin: server.url,
      lastEventId: '1',
    })
  })

  test('a message has its origin even if the constructor sets the property, as in Deno', async () => {
    class OwnOrigin extends Event {
      declare origin: string
      constructor(type: string, { origin = '' }: MessageEventInit = {}) {
        super(type)
        this.origin = origin
      }
    }
    vi.stubGlobal('MessageEvent', OwnOrigin)
    const source = connect()
    const message = next(source, 'message')
    ;(await server.visit()).open().write('data: x\n\n')
    expect((await message).origin).toBe(server.url)
  })

  test.each([301, 302, 303, 307, 308])(
    'a redirect with %i is followed, again on each reconnect, with the last event ID',
    async (status) => {
      const other = await startStreamServer()
      const source = connect()
      let id: string | undefined
      for (let round = 0; round < 3; round++) {
        const first = await server.visit()
        first.response.writeHead(status, { location: `${other.url}/there` }).end()
        const message = next(source, 'message')
        const second = await other.visit()
        expect(second.request.headers['last-event-id']).toBe(id)
        id = String(round)
        second.open().write(`id: ${id}\ndata: x\n\n`)
        expect((await message).origin).toBe(other.url)
        const error = next(source, 'error')
        second.end()
        await error
        clock.advance(3_000)
      }
      expect(source.url).toBe(`${server.url}/`)
      await other.close()
    },
  )

  test.each([
    'ftp://example.not/',
    'about:blank',
    'mailto:whatwg@awesome.example',
    'javascript:0',
    'http://user:password@127.0.0.1/',
  ])('%s can never be fetched and fails immediately', async (url) => {
    const source = new EventSource(url, { clock })
    await next(source, 'error')
    expect(source.readyState).toBe(2)
  })

  test('a fetch that was aborted by other code fails the connection', async () => {
    const source = connect('/', {
      fetch: () => Promise.reject(new DOMException('The page was stopped.', 'AbortError')),
    })
    await next(source, 'error')
    expect(source.readyState).toBe(2)
  })

  test('a body that was aborted by other code fails the connection', async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new DOMException('Stopped.', 'AbortError')),
    })
    const source = connect('/', { fetch: () => Promise.resolve(answer(body)) })
    await next(source, 'error')
    expect(source.readyState).toBe(2)
    expect(clock.pending()).toEqual([])
  })

  test.each([
    ['no readable body', () => answer(null), /expo\/fetch/],
    ['a body that other code reads', () => locked(answer('data: a\n\n')), /nothing else reads/],
  ])(
    'a response with %s fails the connection and logs the reason',
    async (_name, make, message) => {
      const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
      const source = connect('/', { fetch: () => Promise.resolve(make()) })
      await next(source, 'error')
      expect(source.readyState).toBe(2)
      expect(clock.pending()).toEqual([])
      expect(logged.mock.calls).toEqual([[expect.stringMatching(message)]])
      logged.mockRestore()
    },
  )

  function answer(body: BodyInit | null): Response {
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
  function locked(response: Response): Response {
    response.body?.getReader()
    return response
  }

  test('a gzipped stream is read as it arrives', async () => {
    const source = connect()
    const visit = await server.visit()
    const message = next(source, 'message')
    visit.open({ 'content-encoding': 'gzip' }).write(gzipSync('data: packed\n\n'))
    expect((await message).data).toBe('packed')
  })

  test('events named error and open are ordinary events', async () => {
    const source = connect()
    const visit = await server.visit()
    await openStream(source, visit)
    const error = next(source, 'error')
    const open = next(source, 'open')
    visit.write('event: error\ndata: e\n\nevent: open\ndata: o\n\n')
    expect(await error).toMatchObject({ data: 'e', lastEventId: '' })
    expect(await open).toBeInstanceOf(MessageEvent)
    expect(source.readyState).toBe(1)
  })

  test('a stream that arrives one byte at a time has the same events', async () => {
    const source = connect()
    const visit = await server.visit()
    visit.open()
    const message = next(source, 'message')
    for (const byte of Buffer.from('\ufeffid: é\r\ndata: ö\r\ndata\r\n\r\n')) {
      visit.write(Uint8Array.of(byte))
    }
    expect(await message).toMatchObject({ data: 'ö\n', lastEventId: 'é' })
  })

  test('an event of 10 MB arrives complete', async () => {
    const source = connect()
    const visit = await server.visit()
    const message = next(source, 'message')
    const data = 'x'.repeat(10_000_000)
    visit.open().write(`data: ${data}\n\n`)
    expect((await message).data).toHaveLength(data.length)
  })
})

describe('reconnecting', () => {
  test('the end of the body causes an error event, a wait and a new request', async () => {
    const source = connect()
    const visit = await server.visit()
    await openStream(source, visit)
    const error = next<Event>(source, 'error')
    visit.end()
    await error
    expect(source.readyState).toBe(0)
    clock.advance(2_999)
    expect(server.visits).toHaveLength(1)
    clock.advance(1)
    await openStream(source, await server.visit())
    expect(source.readyState).toBe(1)
  })

  test('a request that is reset before the response is repeated, each time after a longer wait', async () => {
    const source = connect()
    for (const waitMs of [3_000, 3_000, 6_000, 12_000, 15_000, 15_000]) {
      const visit = await server.visit()
      const error = next(source, 'error')
      visit.cut()
      await error
      expect(source.readyState).toBe(0)
      const before = server.visits.length
      clock.advance(waitMs - 1)
      expect(server.visits).toHaveLength(before)
      clock.advance(1)
    }
    await openStream(source, await server.visit())
    const again = await reconnect(source, server.visits.at(-1) as Visit)
    expect(again.request.url).toBe('/')
  })

  test('a refused connection is repeated until a server listens', async () => {
    const vacant = createServer()
    await new Promise<void>((resolve) => vacant.listen(0, '127.0.0.1', resolve))
    const { port } = vacant.address() as { port: number }
    await new Promise((resolve) => vacant.close(resolve))
    const source = new EventSource(`http://127.0.0.1:${port}/`, { clock })
    sources.push(source)
    await next(source, 'error')
    expect(source.readyState).toBe(0)
    const late = await startStreamServer(port)
    clock.advance(3_000)
    await openStream(source, await late.visit())
    source.close()
    await late.close()
  })

  test('a stream that breaks inside an event drops it, and the next request sends the last complete id', async () => {
    const source = connect()
    const got: string[] = []
    source.onmessage = ({ data }) => got.push(data)
    const visit = await server.visit()
    const message = next(source, 'message')
    visit.open().write('id: 1\ndata: whole\n\nid: 2\ndata: ha')
    await message
    const error = next(source, 'error')
    visit.cut()
    await error
    clock.advance(3_000)
    const second = await server.visit()
    expect(second.request.headers['last-event-id']).toBe('1')
    const another = next(source, 'message')
    second.open().write('data: next\n\n')
    expect(await another).toMatchObject({ data: 'next', lastEventId: '1' })
    expect(got).toEqual(['whole', 'next'])
  })

  test.each([
    ['id: 7\n\n', '7'],
    ['id: 7\n\nid\n\n', undefined],
    ['id: 7\n\nid: x\0y\n\n', '7'],
    ['id: 7\n\nid: 8', '7'],
    ['id: é€😀\n\n', Buffer.from('é€😀').toString('latin1')],
    [`id: ${'a'.repeat(9_000)}\n\n`, 'a'.repeat(9_000)],
    [`id: ${'a'.repeat(20_000)}\n\n`, undefined],
    ['id: a\u0001b\n\n', undefined],
    ['id: a\u007fb\n\n', undefined],
  ])('after %j the last event ID is sent as %j', async (text, expected) => {
    const source = connect()
    const visit = await server.visit()
    const message = next(source, 'message')
    visit.open().write(`event: message\ndata: first\n\n${text}`)
    await message
    const second = await reconnect(source, visit)
    expect(second.request.headers['last-event-id']).toBe(expected)
    second.open()
  })

  test.each([
    ['retry: 10000\n', 10_000],
    ['retry: 03000\n', 3_000],
    ['retry: 2000\nretry: 1000x\n', 2_000],
    ['retry: 2000\nretry\n', 2_000],
    ['retry: -1\n', 3_000],
    ['retry: 0\n', 500],
    ['retry: 99999999999\n', 3_600_000],
    [`retry: ${'9'.repeat(400)}\n`, 3_600_000],
  ])('%j sets the wait to %i ms', async (text, waitMs) => {
    const source = connect()
    const visit = await server.visit()
    await openStream(source, visit)
    visit.write(text)
    const error = next(source, 'error')
    visit.end()
    await error
    clock.sleep(waitMs - 1)
    clock.advance(0)
    expect(server.visits).toHaveLength(1)
    expect(Math.max(...clock.pending())).toBeLessThan(2 ** 31)
    clock.sleep(1)
    clock.advance(5_000)
    await server.visit()
  })

  test('each response starts with empty buffers', async () => {
    const source = connect()
    const visit = await server.visit()
    await openStream(source, visit)
    visit.write('event: half\ndata: lost\n')
    const second = await reconnect(source, visit)
    const message = next(source, 'message')
    second.open().write('data: new\n\n')
    expect((await message).data).toBe('new')
  })
})

describe('closing', () => {
  test('close() while connecting aborts the request and dispatches nothing', async () => {
    const source = connect()
    const events = record(source)
    const visit = await server.visit()
    source.close()
    expect(source.readyState).toBe(2)
    await visit.closed
    expect(events).toEqual([])
    expect(clock.pending()).toEqual([])
  })

  test('close() in the tick of the constructor prevents the request', async () => {
    connect().close()
    connect('/second')
    expect((await server.visit()).request.url).toBe('/second')
  })

  test('close() in onopen, and in the first of three events, drops the rest', async () => {
    const opening = connect('/opening')
    const opened = record(opening)
    opening.onopen = () => opening.close()
    const first = await server.visit()
    first.open().write('data: a\n\n')
    await first.closed

    const reading = connect('/reading')
    const read = record(reading)
    reading.onmessage = () => reading.close()
    const second = await server.visit()
    second.open().write('data: a\n\ndata: b\n\nevent: error\ndata: c\n\n')
    await second.closed
    expect(opened).toEqual(['open'])
    expect(read).toEqual(['open', 'message'])
    expect(clock.pending()).toEqual([])
  })

  test('close() after awaiting one of three events drops the rest', async () => {
    const source = connect()
    const events = record(source)
    const visit = await server.visit()
    const message = next(source, 'message')
    visit.open().write('data: a\n\ndata: b\n\nevent: error\ndata: c\n\n')
    await message
    source.close()
    await visit.closed
    expect(events).toEqual(['open', 'message'])
  })

  test('close() in onerror and while waiting prevents the next request', async () => {
    const source = connect()
    const visit = await server.visit()
    await openStream(source, visit)
    const closed = new Promise<void>((resolve) => {
      source.onerror = () => {
        source.close()
        resolve()
      }
    })
    visit.end()
    await closed
    expect(clock.pending()).toEqual([])
    expect(source.readyState).toBe(2)
  })

  test('the body of a fetch that ignores its signal is canceled', async () => {
    let canceled: (() => void) | undefined
    const cancellation = new Promise<void>((resolve) => (canceled = resolve))
    const source = connect('/', {
      fetch: () =>
        Promise.resolve(
          new Response(new ReadableStream({ cancel: () => canceled?.() }), {
            headers: { 'content-type': 'text/event-stream' },
          }),
        ),
    })
    await next(source, 'open')
    source.close()
    await cancellation
    expect(source.readyState).toBe(2)
  })

  test('an exception in a listener is reported and does not affect the others', async () => {
    const source = connect()
    const visit = await server.visit()
    await openStream(source, visit)
    const runners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const thrown: unknown[] = []
    const reported = new Promise<void>((resolve) => {
      process.on('uncaughtException', (error) => {
        if (thrown.push(error) === 2) resolve()
      })
    })
    const [inListener, inHandler] = [new Error('listener'), new Error('handler')]
    source.addEventListener('message', () => {
      throw inListener
    })
    source.onmessage = () => {
      throw inHandler
    }
    const got: string[] = []
    source.addEventListener('message', ({ data }) => got.push(data))
    const after = next(source, 'after')
    visit.write('data: a\n\nevent: after\ndata: b\n\n')
    await Promise.all([after, reported])
    process.removeAllListeners('uncaughtException')
    for (const runner of runners) process.on('uncaughtException', runner)
    expect(thrown).toEqual([inListener, inHandler])
    expect(got).toEqual(['a'])
    expect(source.readyState).toBe(1)
  })

  test('two sources share no state', async () => {
    const [one, two] = [connect('/1'), connect('/2')]
    const visits = [await server.visit(), await server.visit()]
    const first = visits.find(({ request }) => request.url === '/1') as Visit
    const other = visits.find(({ request }) => request.url === '/2') as Visit
    await openStream(one, first)
    await openStream(two, other)
    one.close()
    const message = next(two, 'message')
    other.write('data: alive\n\n')
    expect((await message).data).toBe('alive')
  })
})

async function openStream(source: EventSource, visit: Visit): Promise<void> {
  const open = next(source, 'open')
  visit.open()
  await open
}

function record(source: EventSource): string[] {
  const events: string[] = []
  for (const type of ['open', 'message', 'error']) {
    source.addEventListener(type, () => void events.push(type))
  }
  return events
}
