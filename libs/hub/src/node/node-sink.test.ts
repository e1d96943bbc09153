import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, get, type ServerResponse } from 'node:http'
import { connect as connectHttp2, constants, createServer as createHttp2Server } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openRaw, portOf, serve } from '../../test/server.ts'
import { job, note, prices } from '../../test/streams.ts'
import { encodeUtf8 } from '../utf8.ts'
import { createHub, type Hub } from '../hub.ts'
import type { SubscribeRequest, Subscription } from '../subscription.ts'
import { createNodeSink, type NodeSinkOptions } from './node-sink.ts'
import { serializeRequests } from './pipelining.ts'
import type { Sink } from '../delivery/sink.ts'

const GET = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n'

async function setUp(
  wanted: Partial<SubscribeRequest> & NodeSinkOptions = {},
  prepare: (res: ServerResponse) => void = () => undefined,
) {
  const hub = createHub()
  const { rawSocket = true, ...request } = wanted
  const subscriptions: Subscription[] = []
  const server = await serve((res) => {
    prepare(res)
    const sink = createNodeSink(res, { rawSocket })
    subscriptions.push(hub.subscribe({ sink, topics: [{ stream: note }], ...request }))
  })
  return { hub, server, port: portOf(server), subscriptions }
}

/** Publishes until the client has received it, because the request may not have arrived yet. */
async function published(hub: Hub, data: string): Promise<void> {
  while (hub.subscriberCount(note) === 0) await new Promise(setImmediate)
  await hub.publish(note, 'message', data)
}

describe('over HTTP/1.1', () => {
  test('headers, `retry` and a comment are sent immediately, before any event', async () => {
    const { port } = await setUp()
    const text = await openRaw(port, GET).until(': open\n\n')
    const [head, body] = text.split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(head).toContain('Content-Type: text/event-stream\r\n')
    expect(head).toContain('Cache-Control: no-cache, no-transform\r\n')
    expect(head).toContain('X-Accel-Buffering: no\r\n')
    expect(body).toMatch(/^[0-9a-f]+\r\nretry: \d+\n\n: open\n\n\r\n$/)
  })

  for (const rawSocket of [true, false]) {
    const how = rawSocket ? 'written past the response' : 'written through the response'
    test(`events ${how} reach the client unchanged, including non-ASCII characters`, async () => {
      const { hub, port } = await setUp({ rawSocket })
      const bodies: string[] = []
      const done = new Promise<void>((resolve) => {
        const request = get({ port, host: '127.0.0.1' }, (res) => {
          res.setEncoding('utf8').on('data', (chunk: string) => {
            bodies.push(chunk)
            if (bodies.join('').includes('zweite')) request.destroy()
          })
          res.on('error', () => undefined).on('close', resolve)
        })
        request.on('error', () => undefined)
      })
      await published(hub, 'größer 🚀')
      await hub.publish(note, 'message', 'zweite')
      await done
      expect(bodies.join('').replaceAll(/retry: \d+|id: \w+-/g, '')).toBe(
        '\n\n: open\n\n1\ndata: größer 🚀\n\n2\ndata: zweite\n\n',
      )
    })
  }

  test('a response that middleware has wrapped is written through the wrapper', async () => {
    const wrapped: string[] = []
    const { hub, port } = await setUp({}, (res) => {
      const write = res.write.bind(res) as (chunk: Buffer) => boolean
      res.write = ((chunk: Buffer) => {
        wrapped.push(chunk.toString())
        return write(chunk)
      }) as typeof res.write
    })
    const client = openRaw(port, GET)
    await published(hub, 'seen')
    await client.until('seen')
    expect(wrapped.join('')).toContain('data: seen\n\n')
  })

  test('HTTP/1.0 responses are written without chunks', async () => {
    const { hub, port } = await setUp()
    const client = openRaw(port, 'GET / HTTP/1.0\r\n\r\n')
    await published(hub, 'seen')
    const text = await client.until('data: seen\n\n')
    expect(text.split('\r\n\r\n')[1]).toMatch(/^retry: \d+\n\n: open\n\nid: \w+-1\ndata: seen\n\n$/)
  })

  test('a status and headers that were set before are kept', async () => {
    const { port } = await setUp({}, (res) =>
      res.setHeader('Access-Control-Allow-Origin', 'http://a'),
    )
    const text = await openRaw(port, GET).until(': open')
    expect(text).toContain('Access-Control-Allow-Origin: http://a\r\n')
  })

  test('after a stream that ends by itself the connection accepts the next request', async () => {
    const { hub, port, subscriptions } = await setUp({ topics: [{ stream: job }] })
    const client = openRaw(port, GET)
    await client.until(': open')
    await hub.publish(job, 'done', 'all')
    await client.until('data: all\n\n\r\n0\r\n\r\n')
    expect(await subscriptions[0]?.left).toBe('ended')
    client.socket.write(GET)
    await expect.poll(() => client.text.split('HTTP/1.1 200 OK').length).toBe(3)
  })

  test('bytes that the response has buffered are sent before those of the sink', async () => {
    const { port } = await setUp({}, (res) => {
      res.flushHeaders()
      // Buffered by the socket on Node 20, and by the response itself since Node 21.
      res.cork()
      res.write(': written by the handler\n\n')
      process.nextTick(() => res.uncork())
    })
    const text = await openRaw(port, GET).until(': open')
    expect(text).toMatch(/: written by the handler\n[^]*retry: /)
  })

  test('nothing is written to a client that has half-closed the connection', async () => {
    const accepted: boolean[] = []
    const errors: Error[] = []
    const server = await serve((res) => {
      const sink = createNodeSink(res)
      sink.open({ onDrain: () => undefined, onClose: () => undefined })
      res.req.socket.on('end', () => accepted.push(sink.write(encodeUtf8(': late\n\n'))))
    })
    server.on('clientError', (error, socket) => {
      errors.push(error)
      socket.destroy()
    })
    const client = openRaw(portOf(server), GET)
    await client.until('\r\n\r\n')
    client.socket.end()
    await client.closed
    expect(accepted).toEqual([false])
    expect(errors).toEqual([])
  })

  test('a disconnect is detected, and nothing of the subscriber is kept', async () => {
    const { hub, port, subscriptions } = await setUp()
    const client = openRaw(port, GET)
    await client.until(': open')
    client.socket.destroy()
    await expect.poll(() => subscriptions.length).toBe(1)
    expect(await subscriptions[0]?.left).toBe('client')
    expect(hub.subscriberCount(note)).toBe(0)
    expect(hub.counters().subscribers).toBe(0)
  })

  describe('a request that arrives while a stream uses its connection', () => {
    test.each([
      ['together with the first', GET.repeat(1_000), ''],
      ['later', GET, GET],
    ])('ends the connection and opens no second stream: %s', async (_, first, second) => {
      const { hub, port, subscriptions } = await setUp()
      const client = openRaw(port, first)
      if (second !== '') {
        await client.until(': open')
        client.socket.write(second)
      }
      await client.closed
      const reasons = await Promise.all(subscriptions.map(({ left }) => left))
      expect(new Set(reasons)).toEqual(new Set(['client']))
      const opened = subscriptions.filter((one) => one.progress().bytes > 0)
      expect(opened).toHaveLength(1)
      expect(hub.counters()).toMatchObject({ subscribers: 0, queuedBytes: 0 })
    })

    test('is rejected before its handler runs, whatever its path', async () => {
      const hub = createHub()
      const handled: string[] = []
      const handle = serializeRequests((req, res) => {
        handled.push(req.url ?? '')
        // A handler that awaits another service first.
        void Promise.resolve().then(() => {
          if (req.url === '/plain') res.end('plain')
          else hub.subscribe({ sink: createNodeSink(res), topics: [{ stream: note }] })
        })
      })
      const server = await serve((res) => {
        handle(res.req, res)
      })
      const get = (path: string) => GET.replace('/', path)
      const client = openRaw(portOf(server), get('/plain') + get('/plain') + get('/stream'))
      await client.until(': open')
      client.socket.write(get('/plain').repeat(3))
      await client.closed
      expect(handled).toEqual(['/plain', '/plain', '/stream'])
      await expect.poll(() => hub.counters().left.client).toBe(1)
    })
  })

  test('a stream that was pipelined behind another response starts when that response has ended', async () => {
    const hub = createHub()
    const held: ServerResponse[] = []
    const server = await serve((res) => {
      if (held.length === 0) held.push(res)
      else hub.subscribe({ sink: createNodeSink(res), topics: [{ stream: job }] })
    })
    const client = openRaw(portOf(server), GET.repeat(2))
    await expect.poll(() => hub.subscriberCount(job)).toBe(1)
    held[0]?.end('first')
    await client.until(': open')
    await hub.publish(job, 'done', 'all')
    await client.until('data: all\n\n\r\n0\r\n\r\n')
    expect(hub.counters().left).toMatchObject({ ended: 1, client: 0 })
  })

  test('the disconnect of a client is detected while its stream waits for an earlier response', async () => {
    const hub = createHub()
    let requests = 0
    const server = await serve((res) => {
      if (requests++ > 0) hub.subscribe({ sink: createNodeSink(res), topics: [{ stream: note }] })
    })
    const client = openRaw(portOf(server), GET.repeat(2))
    await expect.poll(() => hub.subscriberCount(note)).toBe(1)
    client.socket.destroy()
    await expect.poll(() => hub.counters().left.client).toBe(1)
    expect(hub.counters()).toMatchObject({ subscribers: 0, queuedBytes: 0 })
  })

  test('a keep-alive connection has no listeners of ended streams', async () => {
    const sockets: Socket[] = []
    const { port, subscriptions } = await setUp({}, (res) => void sockets.push(res.req.socket))
    const client = openRaw(port, '')
    const listeners: (number | undefined)[] = []
    for (let streams = 1; streams <= 3; streams++) {
      client.socket.write(GET)
      await expect.poll(() => client.text.split(': open').length).toBe(1 + streams)
      subscriptions.at(-1)?.leave()
      await expect.poll(() => client.text.split('\r\n0\r\n\r\n').length).toBe(1 + streams)
      listeners.push(sockets[0]?.listenerCount('drain'))
    }
    expect(new Set(sockets).size).toBe(1)
    expect(new Set(listeners).size).toBe(1)
  })

  test("the server's timeout for silent sockets does not end a stream", async () => {
    const hub = createHub()
    const server = await serve((res) => {
      if (res.req.url === '/')
        hub.subscribe({ sink: createNodeSink(res), topics: [{ stream: note }] })
    })
    server.setTimeout(50)
    const stream = openRaw(portOf(server), GET)
    await stream.until(': open')
    // This socket is idle for less time than the stream, and the timeout closes it.
    await openRaw(portOf(server), GET.replace('/', '/silent')).closed
    await published(hub, 'still here')
    await stream.until('still here')
  })

  test('closing sends a bye and closes the sockets without waiting for the keep-alive timeout', async () => {
    const { hub, port, server } = await setUp({
      topics: [{ stream: prices }],
      format: 'multiplexed',
    })
    // Without a timeout, a socket that the sink leaves open stays open.
    server.keepAliveTimeout = 0
    const clients = Array.from({ length: 20 }, () => openRaw(port, GET))
    await Promise.all(clients.map((client) => client.until('downlink.hello')))
    await hub.close()
    await Promise.all(clients.map(({ closed }) => closed))
    for (const { text } of clients) {
      expect(text).toContain('event: downlink.bye\ndata: {"reason":"draining"')
      expect(text.endsWith('0\r\n\r\n')).toBe(true)
    }
  })

  test('a client that never reads is disconnected at its limit, and the others receive every event', async () => {
    const { hub, port, subscriptions } = await setUp()
    const stalled = openRaw(port, GET)
    await stalled.until(': open')
    stalled.socket.pause()
    const healthy = openRaw(port, GET)
    await healthy.until(': open')
    const data = 'x'.repeat(60_000)
    let events = 0
    for (; hub.counters().left['too-slow'] === 0; events++) {
      await hub.publish(note, 'message', data)
      await new Promise(setImmediate)
    }
    expect(await subscriptions[0]?.left).toBe('too-slow')
    await hub.publish(note, 'message', 'last')
    const text = await healthy.until('data: last\n\n')
    expect(text.split('data: ').length - 1).toBe(events + 1)
  })

  describe('`destroy`', () => {
    /** The error code that a client gets when its open stream is destroyed. */
    async function destroyOver(address: string | undefined): Promise<string | undefined> {
      let sink: Sink | undefined
      const server = createServer((_, res) => {
        sink = createNodeSink(res)
        sink.open({ onDrain: () => undefined, onClose: () => undefined })
      })
      server.listen(address)
      onTestFinished(() => void server.close())
      await once(server, 'listening')
      const client = connect(address === undefined ? { port: portOf(server) } : { path: address })
      let code: string | undefined
      client.on('error', (error: NodeJS.ErrnoException) => (code = error.code))
      client.on('data', () => sink?.destroy())
      client.write(GET)
      await new Promise((resolve) => client.once('close', resolve))
      return code
    }

    test('resets a TCP connection, so that the kernel discards its buffer', async () => {
      expect(await destroyOver(undefined)).toBe('ECONNRESET')
    })

    test('closes a connection that cannot be reset', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'downlink-'))
      onTestFinished(() => rm(folder, { recursive: true }))
      expect(await destroyOver(join(folder, 'socket'))).toBeUndefined()
    })
  })
})

describe('over HTTP/2', () => {
  test('events arrive, a disconnect is detected, and closing ends the stream', async () => {
    const hub = createHub()
    const subscriptions: Subscription[] = []
    const server = createHttp2Server((_, res) => {
      subscriptions.push(hub.subscribe({ sink: createNodeSink(res), topics: [{ stream: note }] }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const session = connectHttp2(`http://127.0.0.1:${portOf(server)}`)
    onTestFinished(async () => {
      session.destroy()
      await new Promise((resolve) => server.close(resolve))
    })
    const texts = ['', '']
    const streams = texts.map((_, i) => {
      const stream = session.request({ ':path': '/' }).setEncoding('utf8')
      stream.on('data', (chunk: string) => (texts[i] = (texts[i] ?? '') + chunk))
      return stream
    })
    const ended = new Promise((resolve) => streams[1]?.on('end', resolve))
    await expect.poll(() => hub.subscriberCount(note)).toBe(2)
    await hub.publish(note, 'message', 'both')
    await expect.poll(() => texts.every((text) => text.endsWith('data: both\n\n'))).toBe(true)

    streams[0]?.close()
    expect(await subscriptions[0]?.left).toBe('client')
    await hub.publish(note, 'message', 'one')
    await expect.poll(() => texts[1]?.endsWith('data: one\n\n')).toBe(true)
    expect(texts[0]).not.toContain('one')

    await hub.close()
    await ended
    expect(await subscriptions[1]?.left).toBe('draining')
  })

  test('a disconnect before the stream is opened is detected', async () => {
    const hub = createHub()
    const gone: Promise<Subscription>[] = []
    const server = createHttp2Server((_, res) => {
      // A handler that awaits an authorization check first.
      const closed = new Promise((resolve) => res.stream.once('close', resolve))
      gone.push(
        closed.then(() => hub.subscribe({ sink: createNodeSink(res), topics: [{ stream: note }] })),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const session = connectHttp2(`http://127.0.0.1:${portOf(server)}`)
    onTestFinished(async () => {
      session.destroy()
      await new Promise((resolve) => server.close(resolve))
    })
    const stream = session.request({ ':path': '/' })
    await expect.poll(() => gone.length).toBe(1)
    stream.close(constants.NGHTTP2_CANCEL)
    expect(await (await gone[0])?.left).toBe('client')
    expect(hub.counters()).toMatchObject({ subscribers: 0, writes: 0 })
  })
})
