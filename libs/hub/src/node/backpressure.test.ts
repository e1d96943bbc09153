/** Loops that only publish, over real sockets: the buffered bytes are limited and reported. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openRaw, portOf, serve } from '../../test/server.ts'
import { setUp, settle } from '../../test/set-up.ts'
import { createTestSink } from '../../test/sink.ts'
import { note, prices } from '../../test/streams.ts'
import { encodeUtf8 } from '../utf8.ts'
import { createHub } from '../hub.ts'
import type { Subscription } from '../subscription.ts'
import type { TopicRequest } from '../catch-up/topic-request.ts'
import { createNodeSink } from './node-sink.ts'
import type { Sink } from '../delivery/sink.ts'

const KIB = 1_024
const MAX_QUEUED_BYTES = 64 * KIB
/** The limit that `maxQueuedBytes` documents: the queue, one write in the socket, its high-water mark, and one flush. */
const LIMIT_BYTES = 2 * MAX_QUEUED_BYTES + 64 * KIB + 2 * 16 * KIB
/** Far more than the kernel buffers for a socket. */
const MANY_BYTES = 24 * KIB * KIB
const EVENT_BYTES = 4 * KIB

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settled) => (resolve = settled))
  return { promise, resolve: (value: T) => resolve(value) }
}

/** A hub with one subscriber whose client sends its request and then reads nothing. */
async function setUpUnread(topic: TopicRequest) {
  const hub = createHub({ maxQueuedBytes: MAX_QUEUED_BYTES })
  const { promise: subscribed, resolve: onSubscribed } = deferred<Subscription>()
  const server = await serve((res) => {
    onSubscribed(hub.subscribe({ sink: createNodeSink(res), topics: [topic] }))
  })
  const socket = connect({ port: portOf(server), host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  socket.pause()
  await once(socket, 'connect')
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const subscription = await subscribed
  await subscription.outcome
  await settle()
  return { hub, subscription }
}

describe('a client that never reads, while a loop publishes', () => {
  test('is disconnected if the topic disconnects, and its buffer stays within the limit', async () => {
    const { hub, subscription } = await setUpUnread({ stream: note })
    const data = 'x'.repeat(EVENT_BYTES)
    let most = 0
    for (let sent = 0; sent < MANY_BYTES && hub.subscriberCount(note) > 0; sent += EVENT_BYTES) {
      await hub.publish(note, 'message', data)
      most = Math.max(most, hub.counters().queuedBytes)
    }
    expect(await subscription.left).toBe('too-slow')
    expect(most).toBeGreaterThan(MAX_QUEUED_BYTES / 2)
    expect(most).toBeLessThanOrEqual(LIMIT_BYTES)
    expect(hub.counters().queuedBytes).toBe(0)
  })

  test('loses events if the topic conflates, and its buffer stays within the limit', async () => {
    const { hub, subscription } = await setUpUnread({ stream: prices })
    const data = 'x'.repeat(EVENT_BYTES) as unknown as number
    let most = 0
    for (let sent = 0; sent < MANY_BYTES; sent += EVENT_BYTES) {
      await hub.publish(prices, 'A', data)
      most = Math.max(most, subscription.progress().queuedBytes)
    }
    expect(hub.subscriberCount(prices)).toBe(1)
    expect(hub.counters().queuedBytes).toBe(subscription.progress().queuedBytes)
    expect(most).toBeGreaterThan(MAX_QUEUED_BYTES / 2)
    expect(most).toBeLessThanOrEqual(LIMIT_BYTES)
  })

  test('is disconnected also if the loop does not await `publish`', async () => {
    const { hub, subscription } = await setUpUnread({ stream: note })
    const data = 'x'.repeat(EVENT_BYTES)
    const all: Promise<string>[] = []
    let most = 0
    for (let sent = 0; sent < MANY_BYTES && hub.subscriberCount(note) > 0; sent += EVENT_BYTES) {
      all.push(hub.publish(note, 'message', data))
      most = Math.max(most, hub.counters().queuedBytes)
    }
    expect(hub.subscriberCount(note)).toBe(0)
    expect(await subscription.left).toBe('too-slow')
    expect(most).toBeLessThanOrEqual(LIMIT_BYTES)
    await Promise.all(all)
  })
})

describe('publishing in a loop', () => {
  test('waits for the next flush once 16 KB are pending, and not before', async () => {
    const { hub, clock, open } = setUp()
    const { sink } = await open({ topics: [{ stream: note }] })
    let published = 0
    const loop = async () => {
      for (; published < 9; published++) await hub.publish(note, 'message', 'x'.repeat(4_000))
    }
    const done = loop()
    await settle()
    // With the fifth event, more than 16,384 bytes are pending, so it waits.
    expect(published).toBe(4)
    expect(sink.events()).toHaveLength(0)
    clock.tick()
    await settle()
    expect(sink.events()).toHaveLength(5)
    expect(published).toBe(9)
    await done
  })

  test('does not wait if no event is pending', async () => {
    const { hub, clock } = setUp()
    for (let i = 0; i < 20; i++) await hub.publish(note, 'message', 'x'.repeat(4_000))
    expect(hub.counters()).toMatchObject({ events: 20, queuedBytes: 0 })
    expect(clock.timers).toBe(0)
  })

  test('leaves nothing pending for a topic whose last subscriber has left', async () => {
    const { hub, open } = setUp()
    const { sink } = await open({ topics: [{ stream: note }] })
    await hub.publish(note, 'message', 'x')
    expect(hub.counters().queuedBytes).toBe('id: e-1\ndata: x\n\n'.length)
    sink.close()
    await hub.publish(note, 'message', 'x')
    expect(hub.counters().queuedBytes).toBe(0)
  })

  test('during a flush writes the new events after those of the flush', async () => {
    const { hub, clock, open } = setUp({ maxQueuedBytes: 0 })
    const topics = [{ stream: note }]
    const { sink } = await open({ topics })
    // The newest member of a group is written first.
    const slow = createTestSink()
    const publishing: Sink = {
      ...slow,
      destroy() {
        for (let i = 0; i < 6; i++) void hub.publish(note, 'message', `${i}`.repeat(4_000))
        slow.destroy()
      },
    }
    const { left } = hub.subscribe({ sink: publishing, topics })
    await settle()
    slow.block()
    for (const data of ['a', 'b']) {
      await hub.publish(note, 'message', data)
      clock.tick()
    }
    clock.tick()
    expect(await left).toBe('too-slow')
    expect(
      sink
        .events()
        .map(({ data }) => data[0])
        .join(''),
    ).toBe('ab012345')
  })
})

describe('the bytes that a sink buffers', () => {
  test('are reported for the subscriber and in total, until the sink has closed', async () => {
    const { hub } = setUp()
    const sink = createTestSink()
    const holding: Sink = { ...sink, bufferedBytes: 123 }
    const subscription = hub.subscribe({ sink: holding, topics: [{ stream: note }] })
    await settle()
    expect(subscription.progress().queuedBytes).toBe(123)
    expect(hub.counters().queuedBytes).toBe(123)
    subscription.leave()
    expect(hub.counters()).toMatchObject({ subscribers: 0, queuedBytes: 123 })
    await settle()
    expect(hub.counters().queuedBytes).toBe(0)
  })

  test.each([true, false])(
    'are those that the socket has not accepted, with rawSocket %s',
    async (rawSocket) => {
      const held: number[] = []
      const { promise: closed, resolve } = deferred<Sink>()
      const server = await serve((res) => {
        const sink = createNodeSink(res, { rawSocket })
        sink.open({ onDrain: () => undefined, onClose: () => resolve(sink) })
        res.socket?.cork()
        const before = sink.bufferedBytes
        sink.write(encodeUtf8('x'.repeat(1_000)))
        held.push(sink.bufferedBytes - before)
        res.socket?.uncork()
      })
      const client = openRaw(portOf(server), 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await client.until('x'.repeat(1_000))
      expect(held[0]).toBeGreaterThanOrEqual(1_000)
      expect(held[0]).toBeLessThan(1_020)
      client.socket.destroy()
      expect((await closed).bufferedBytes).toBe(0)
    },
  )
})

describe('a subscriber that is catching up', () => {
  test('buffers live events up to its limit, and reads the others from the log', async () => {
    const { hub, clock } = setUp({ maxQueuedBytes: 10_000 })
    await hub.publish(note, 'message', '0'.repeat(4_000))
    await hub.publish(note, 'message', '1'.repeat(4_000))
    const sink = createTestSink()
    sink.block()
    const topics = [{ stream: note, start: 'history' }] as const
    const subscription = hub.subscribe({ sink, topics, format: 'multiplexed' })
    await settle()
    let most = 0
    for (let i = 2; i < 10; i++) {
      await hub.publish(note, 'message', `${i}`.repeat(4_000))
      clock.tick()
      most = Math.max(most, subscription.progress().queuedBytes)
    }
    expect(most).toBeGreaterThan(8_000)
    expect(most).toBeLessThanOrEqual(10_000)
    sink.unblock()
    await settle()
    clock.tick()
    const [, ...events] = sink.events()
    expect(events.map(({ data }) => data[0]).join('')).toBe('0123456789')
  })
})
