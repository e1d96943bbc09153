/** Subscribers that do not read fast enough. */
import { describe, expect, test } from 'vitest'
import { setUp } from '../../test/set-up.ts'
import { job, note, prices } from '../../test/streams.ts'

describe('a slow subscriber', () => {
  test('of a topic that conflates receives the latest event of each name and the number of dropped events', async () => {
    const { hub, clock, open } = setUp({ maxQueuedBytes: 100 })
    const { sink, subscription } = await open({
      topics: [{ stream: prices }],
      format: 'multiplexed',
    })
    sink.block()
    for (let i = 1; i <= 50; i++) {
      await hub.publish(prices, i % 2 === 0 ? 'A' : 'B', i)
      clock.tick()
    }
    expect(subscription.progress().queuedBytes).toBeLessThanOrEqual(100)
    expect(hub.counters().queuedBytes).toBeLessThanOrEqual(100)
    sink.unblock()
    const [, , dropped, ...kept] = sink.events()
    const values = kept.map(({ data }) => Number(data))
    expect(dropped?.event).toBe('downlink.dropped')
    expect(values.slice(-2)).toEqual([49, 50])
    expect(JSON.parse(dropped?.data ?? '')).toEqual({ topic: 'prices', count: 49 - kept.length })
    expect(subscription.progress().dropped).toBe(49 - kept.length)
    expect(hub.counters().dropped).toBe(49 - kept.length)
  })

  test('of a topic that disconnects leaves as `too-slow`, and resumes without a missing event', async () => {
    const { hub, clock, open } = setUp({ maxQueuedBytes: 100 })
    const { sink, subscription } = await open({ topics: [{ stream: job }] })
    sink.block()
    for (let i = 1; i <= 20; i++) {
      await hub.publish(job, 'step', i)
      clock.tick()
    }
    await hub.publish(job, 'done', 'all')
    expect(await subscription.left).toBe('too-slow')
    expect(sink.ended).toBe('destroyed')
    const again = await open({ topics: [{ stream: job }], lastEventId: sink.lastEventId() })
    const seen = [...sink.events(), ...again.sink.events()]
    expect(seen.map(({ data }) => data)).toEqual(
      [...Array(20).keys()].map((i) => String(i + 1)).concat('all'),
    )
  })

  test('does not delay other subscribers', async () => {
    const { hub, clock, open } = setUp({ maxQueuedBytes: 100 })
    const slow = await open({ topics: [{ stream: note }] })
    const healthy = await open({ topics: [{ stream: note }] })
    slow.sink.block()
    for (let i = 0; i < 30; i++) {
      await hub.publish(note, 'message', 'x')
      clock.tick()
      expect(healthy.sink.events()).toHaveLength(i + 1)
    }
  })

  test('receives its queue before the stream ends when the application ends the subscription', async () => {
    const { hub, clock, open } = setUp()
    const { sink, subscription } = await open({ topics: [{ stream: job }] })
    sink.block()
    await hub.publish(job, 'step', 1)
    clock.tick()
    await hub.publish(job, 'step', 2)
    clock.tick()
    await hub.publish(job, 'step', 3)
    subscription.leave()
    expect(await subscription.left).toBe('dismissed')
    expect(sink.events().map(({ data }) => data)).toEqual(['1', '2', '3'])
  })
})
