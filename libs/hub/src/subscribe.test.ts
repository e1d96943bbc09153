/** What a subscription receives, when it ends, and which requests are invalid. */
import { describe, expect, test } from 'vitest'
import { createTestSink } from '../test/sink.ts'
import { setUp, settle } from '../test/set-up.ts'
import { job, note, prices } from '../test/streams.ts'
import type { Sink } from './delivery/sink.ts'
import { HubError } from './errors.ts'
import type { SubscribeRequest } from './subscription.ts'

describe('a subscription', () => {
  test('starts with `retry` and a comment, before any event', () => {
    const { hub } = setUp()
    const sink = createTestSink()
    hub.subscribe({ sink, topics: [{ stream: note }] })
    expect(sink.text).toBe('retry: 2000\n\n: open\n\n')
  })

  test('on the plain format sends unmodified event names and no control events', async () => {
    const { hub, clock, open } = setUp()
    const { sink } = await open({ topics: [{ stream: prices }] })
    await hub.publish(prices, 'A', 150)
    clock.tick()
    expect(sink.events()).toEqual([{ event: 'A', data: '150', id: 'e-1' }])
  })

  test('on the multiplexed format starts with a hello that contains a position', async () => {
    const { hub, clock, open } = setUp()
    await hub.publish(note, 'message', 'before')
    const topics = [{ stream: note }, { stream: prices }]
    const { sink } = await open({ topics, format: 'multiplexed' })
    await hub.publish(prices, 'B', 2)
    clock.tick()
    expect(sink.events()).toEqual([
      { event: 'downlink.hello', data: '{"heartbeatMs":15000,"outcome":"fresh"}', id: 'e-1' },
      { event: 'prices/B', data: '2', id: 'e-2' },
    ])
  })

  test('is written at the end of the tick while the hub is busy, if enough is pending for a write', async () => {
    const { hub, clock } = setUp()
    const sink = createTestSink()
    const slow: Sink = {
      ...sink,
      write(batch) {
        clock.pass(10)
        return sink.write(batch)
      },
    }
    hub.subscribe({ sink: slow, topics: [{ stream: note }] })
    await settle()
    for (const text of ['first', 'waits']) {
      await hub.publish(note, 'message', text)
      clock.tick()
    }
    expect(sink.events().map(({ data }) => data)).toEqual(['first'])
    await hub.publish(note, 'message', 'x'.repeat(4_096))
    clock.tick()
    expect(sink.events()).toHaveLength(3)
  })

  test('receives all events of one tick in one write', async () => {
    const { hub, clock, open } = setUp()
    const { sink } = await open({ topics: [{ stream: note }] })
    const before = sink.writes
    for (const text of ['a', 'b', 'c']) await hub.publish(note, 'message', text)
    expect(sink.writes).toBe(before)
    clock.tick()
    expect(sink.writes).toBe(before + 1)
    expect(sink.events().map(({ data }) => data)).toEqual(['a', 'b', 'c'])
    expect(hub.counters()).toMatchObject({ events: 3, deliveries: 3, subscribers: 1 })
  })

  test('ends after the final event, once all of its topics have ended', async () => {
    const { hub, clock, open } = setUp()
    const one = await open({ topics: [{ stream: job }] })
    const two = await open({ topics: [{ stream: job }, { stream: note }], format: 'multiplexed' })
    await hub.publish(job, 'step', 1)
    await hub.publish(job, 'done', 'all')
    clock.tick()
    expect(await one.subscription.left).toBe('ended')
    expect(one.sink.events().map(({ event }) => event)).toEqual(['step', 'done'])
    expect(one.sink.ended).toBe('end')
    expect(two.sink.ended).toBeUndefined()
    expect(hub.counters().left.ended).toBe(1)
  })

  test('ends after any one of several final events, also for a new subscriber', async () => {
    const { hub, clock, open } = setUp()
    const either = { ...job, finalEvents: ['failed', 'step'] }
    const { sink, subscription } = await open({ topics: [{ stream: either }] })
    await hub.publish(either, 'step', 1)
    clock.tick()
    expect(await subscription.left).toBe('ended')
    const late = await open({ topics: [{ stream: either }] })
    expect(await late.subscription.left).toBe('ended')
    expect(late.sink.events()).toEqual(sink.events())
  })

  test('is not written to after the client disconnects at any point of the catch-up', async () => {
    const errors: unknown[] = []
    const { hub, clock } = setUp({ onError: (error) => void errors.push(error) })
    await hub.publish(note, 'message', 'kept')
    for (let turns = 0; turns < 40; turns++) {
      const sink = createTestSink()
      hub.subscribe({ sink, topics: [{ stream: note, start: 'history' }] })
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      sink.close()
      const { writes } = sink
      await settle()
      await hub.publish(note, 'message', 'later')
      clock.tick()
      expect(sink.writes).toBe(writes)
    }
    expect(errors).toEqual([])
  })

  test('does not exist if its sink fails to open', () => {
    const { hub } = setUp()
    const failure = new Error('no such status')
    const sink: Sink = {
      ...createTestSink(),
      open() {
        throw failure
      },
    }
    expect(() => hub.subscribe({ sink, topics: [{ stream: note }] })).toThrow(failure)
    expect(hub.subscriberCount(note)).toBe(0)
    expect(hub.counters().subscribers).toBe(0)
  })

  test('throws for no topics, and on the plain format for two topics or refused topics', () => {
    const { hub } = setUp()
    const refused = (
      topics: SubscribeRequest['topics'],
      more: Pick<SubscribeRequest, 'refused'> = {},
    ): unknown => {
      try {
        return hub.subscribe({ sink: createTestSink(), topics, ...more })
      } catch (error) {
        return error instanceof HubError ? error.code : error
      }
    }
    expect(refused([])).toBe('no-topics')
    expect(refused([{ stream: note }, { stream: job }])).toBe('too-many-topics')
    const unknown = [{ topic: 'job/1', reason: 'unknown' }]
    expect(refused([{ stream: note }], { refused: unknown })).toBe('invalid-option')
  })
})
