/** Heartbeats, the lifetime of connections, and how they end. */
import { describe, expect, test } from 'vitest'
import { createTestSink, type TestSink } from '../../test/sink.ts'
import { setUp, settle } from '../../test/set-up.ts'
import { note, prices } from '../../test/streams.ts'
import { LEAVE_REASONS } from './leave-reason.ts'
import type { SinkListener } from '../delivery/sink.ts'

const NOTE = [{ stream: note }]
const QUIET = { heartbeatMs: 800, maxLifetimeMs: Infinity }

describe('heartbeats', () => {
  test('are sent once per interval, as comments on the plain format', async () => {
    const { clock, open } = setUp(QUIET)
    const { sink } = await open({ topics: NOTE })
    const opening = sink.text
    clock.advance(799)
    expect(sink.text).toBe(opening)
    clock.advance(1)
    expect(sink.text).toBe(`${opening}: \n\n`)
    clock.advance(8_000)
    expect(sink.text).toBe(opening + ': \n\n'.repeat(11))
  })

  test('on the multiplexed format advance the position of clients whose topics are quiet', async () => {
    const { hub, clock, open } = setUp(QUIET)
    const { sink } = await open({ topics: NOTE, format: 'multiplexed' })
    await hub.publish(prices, 'A', 1)
    clock.advance(800)
    expect(sink.lastEventId()).toBe('e-1')
    expect(sink.events()).toHaveLength(1)
    const again = await open({
      topics: NOTE,
      format: 'multiplexed',
      lastEventId: sink.lastEventId(),
    })
    expect(await again.subscription.outcome).toBe('resumed')
  })

  test('never advance the position past a pending event', async () => {
    const { hub, clock, open } = setUp({ ...QUIET, maxWindowMs: 10_000 })
    const { sink } = await open({ topics: NOTE, format: 'multiplexed' })
    for (let i = 0; i < 2_000; i++) {
      await hub.publish(note, 'message', String(i))
      clock.advance(1)
      const position = Number(sink.lastEventId().split('-')[1])
      const newest = Number(sink.events().at(-1)?.data ?? -1) + 1
      expect(position).toBeLessThanOrEqual(Math.max(newest, 0))
    }
  })

  test('use one timer for all subscribers, and are spread over the interval', async () => {
    const { hub, clock, open } = setUp(QUIET)
    const opened: Awaited<ReturnType<typeof open>>[] = []
    for (let i = 0; i < 80; i++) {
      opened.push(await open({ topics: NOTE }))
      clock.advance(10)
    }
    expect(clock.timers).toBe(1)
    const before = hub.counters().writes
    clock.advance(100)
    expect(hub.counters().writes - before).toBeLessThan(20)
    for (const { sink } of opened) sink.close()
    expect(clock.timers).toBe(0)
  })

  test('are not queued for a blocked subscriber', async () => {
    const { hub, clock, open } = setUp(QUIET)
    const { sink } = await open({ topics: NOTE })
    sink.block()
    await hub.publish(note, 'message', 'x')
    clock.advance(80_000)
    expect(sink.writes).toBe(2)
  })
})

describe('the maximum lifetime', () => {
  test('ends a connection after 80 to 100 % of it, with a bye and a reconnection time', async () => {
    const { clock, open } = setUp({ heartbeatMs: 80, maxLifetimeMs: 10_000 })
    const { sink, subscription } = await open({ topics: NOTE, format: 'multiplexed' })
    clock.advance(8_990)
    expect(sink.ended).toBeUndefined()
    clock.advance(100)
    expect(await subscription.left).toBe('lifetime')
    expect(sink.ended).toBe('end-connection')
    expect(sink.text).toMatch(
      /event: downlink.bye\ndata: {"reason":"lifetime","reconnectMs":1000}\n\n$/,
    )
  })

  test('differs from one connection to the next', async () => {
    const { clock, open } = setUp({ heartbeatMs: 80, maxLifetimeMs: 10_000 })
    clock.random = () => 0.999
    const early = await open({ topics: NOTE })
    clock.random = () => 0
    const late = await open({ topics: NOTE })
    clock.advance(8_090)
    expect([early.sink.ended, late.sink.ended]).toEqual(['end-connection', undefined])
    clock.advance(1_800)
    expect(late.sink.ended).toBeUndefined()
    clock.advance(200)
    expect(late.sink.ended).toBe('end-connection')
  })
})

describe('closing', () => {
  test('ends the streams over `spreadMs`, and resolves once all have closed', async () => {
    let chance = 0
    const { hub, clock, open } = setUp()
    const opened: Awaited<ReturnType<typeof open>>[] = []
    for (let i = 0; i < 10; i++) opened.push(await open({ topics: NOTE, format: 'multiplexed' }))
    clock.random = () => (chance += 0.09)
    let closed = false
    const closing = hub.close({ spreadMs: 1_000 }).then(() => void (closed = true))
    const gone = () => opened.filter(({ sink }) => sink.ended === 'end-connection').length
    clock.advance(500)
    await settle()
    expect(gone()).toBeGreaterThan(3)
    expect(gone()).toBeLessThan(7)
    expect(closed).toBe(false)
    clock.advance(500)
    await settle()
    expect(gone()).toBe(10)
    await closing
    expect(hub.counters().left.draining).toBe(10)
    expect(clock.timers).toBe(0)
  })

  test('continues to deliver to open streams', async () => {
    const { hub, clock, open } = setUp()
    const { sink } = await open({ topics: NOTE })
    void hub.close({ spreadMs: 1_000 })
    await hub.publish(note, 'message', 'meanwhile')
    clock.advance(1)
    expect(sink.events().map(({ data }) => data)).toEqual(['meanwhile'])
  })

  test('destroys open streams at the end of `graceMs`', async () => {
    const { hub, clock } = setUp()
    const sink = { ...createTestSink(), end: () => undefined }
    let destroyed = false
    hub.subscribe({ sink: { ...sink, destroy: () => void (destroyed = true) }, topics: NOTE })
    await settle()
    const closing = hub.close({ spreadMs: 10, graceMs: 100 })
    clock.advance(99)
    expect(destroyed).toBe(false)
    clock.advance(1)
    await closing
    expect(destroyed).toBe(true)
  })

  test.each(['plain', 'multiplexed'] as const)(
    'refuses a new subscriber with a %s stream that sends a reconnection time and ends',
    async (format) => {
      const { hub, clock, open } = setUp()
      const { sink: stays } = await open({ topics: NOTE })
      const closing = hub.close({ spreadMs: 1_000 })
      expect(stays.ended).toBeUndefined()
      const bye = 'event: downlink.bye\ndata: {"reason":"draining","reconnectMs":2000}\n\n'
      for (const state of ['closing', 'closed']) {
        const { sink, subscription } = await open({ topics: NOTE, format, lastEventId: 'e-0' })
        expect(sink.text).toMatch(/^: [^\n]+\n\nretry: 2000\n\n/)
        expect(sink.text.endsWith(bye)).toBe(format === 'multiplexed')
        expect(sink.events()).toHaveLength(format === 'multiplexed' ? 1 : 0)
        expect(sink.ended).toBe('end-connection')
        expect(await subscription.left).toBe('draining')
        expect(await subscription.outcome).toBeUndefined()
        subscription.leave()
        expect(subscription.progress()).toEqual({
          events: 0,
          bytes: Buffer.byteLength(sink.text),
          dropped: 0,
          queuedBytes: 0,
        })
        expect(hub.counters()).toMatchObject({ subscribers: state === 'closing' ? 1 : 0 })
        if (state === 'closed') continue
        clock.advance(1_000)
        await closing
      }
      expect(hub.counters().left.draining).toBe(3)
      expect(hub.subscriberCount(note)).toBe(0)
      expect(clock.timers).toBe(0)
    },
  )

  test('waits for refused streams, and destroys those that do not close', async () => {
    const { hub, clock } = setUp({ endGraceMs: 500 })
    const ends: string[] = []
    const keep = (name: string): TestSink => ({
      ...createTestSink(),
      end: () => undefined,
      destroy: () => void ends.push(name),
    })
    hub.subscribe({ sink: keep('stays'), topics: NOTE })
    await settle()
    const closing = hub.close({ graceMs: 100 })
    hub.subscribe({ sink: keep('refused'), topics: NOTE })
    clock.advance(100)
    await closing
    expect(ends).toEqual(['stays', 'refused'])
    hub.subscribe({ sink: keep('late'), topics: NOTE })
    clock.advance(500)
    expect(ends).toEqual(['stays', 'refused', 'late'])
  })

  test('writes nothing to a refused client that has already disconnected', async () => {
    const { hub } = setUp()
    await hub.close()
    const sink = createTestSink()
    const gone = { ...sink, open: (listener: SinkListener) => listener.onClose() }
    expect(await hub.subscribe({ sink: gone, topics: NOTE }).left).toBe('client')
    expect(sink.writes).toBe(0)
  })

  test('resolves immediately without subscribers, and a second call changes nothing', async () => {
    const { hub, clock } = setUp()
    const closing = hub.close({ spreadMs: 60_000 })
    expect(hub.close()).toBe(closing)
    await closing
    expect(clock.timers).toBe(0)
  })
})

describe('leaving', () => {
  test('is counted by reason, once', async () => {
    const { hub, open } = setUp()
    const { sink, subscription } = await open({ topics: NOTE })
    sink.close()
    subscription.leave()
    sink.close()
    expect(await subscription.left).toBe('client')
    const { left, subscribers } = hub.counters()
    expect(Object.keys(left)).toEqual([...LEAVE_REASONS])
    expect(left).toMatchObject({ client: 1, dismissed: 0 })
    expect(subscribers).toBe(0)
  })

  test('before the outcome is known resolves it with undefined', async () => {
    const { hub } = setUp()
    const sink = createTestSink()
    const subscription = hub.subscribe({ sink, topics: NOTE, lastEventId: 'e-0' })
    sink.close()
    expect(await subscription.outcome).toBeUndefined()
    expect(hub.subscriberCount(note)).toBe(0)
  })

  test('destroys an ended stream that does not close within `endGraceMs`', async () => {
    const { hub, clock } = setUp({ endGraceMs: 500 })
    let destroyed = false
    const sink = {
      ...createTestSink(),
      end: () => undefined,
      destroy: () => void (destroyed = true),
    }
    const subscription = hub.subscribe({ sink, topics: NOTE })
    await settle()
    subscription.leave()
    clock.advance(499)
    expect(destroyed).toBe(false)
    clock.advance(1)
    expect(destroyed).toBe(true)
    expect(clock.timers).toBe(0)
  })
})
