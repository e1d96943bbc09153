import { describe, expect, test } from 'vitest'
import { createTestClock } from '../test/clock.ts'
import { createTestSink } from '../test/sink.ts'
import { job, note, prices } from '../test/streams.ts'
import { createHub } from './hub.ts'
import { createMemoryLog } from './memory-log.ts'
import type { HubOptions } from './options.ts'

function setUp(options: HubOptions = {}) {
  const clock = createTestClock()
  const hub = createHub({
    clock,
    log: createMemoryLog({ epoch: 'e', now: () => clock.dateMs() }),
    ...options,
  })
  return { clock, hub }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

describe('a subscription', () => {
  test('begins with retry and a comment, before anything else', () => {
    const { hub } = setUp()
    const sink = createTestSink()
    hub.subscribe({ sink, topics: [{ stream: note }] })
    expect(sink.text).toBe('retry: 2000\n\n: open\n\n')
  })

  test('on the plain face carries unmodified event names and no control events', async () => {
    const { hub, clock } = setUp()
    const sink = createTestSink()
    hub.subscribe({ sink, topics: [{ stream: prices }] })
    await settle()
    await hub.publish(prices, 'A', 150)
    clock.tick()
    expect(sink.events()).toEqual([{ event: 'A', data: '150', id: 'e-1' }])
  })

  test('on the multiplexed face begins with a hello that gives a position', async () => {
    const { hub, clock } = setUp()
    const sink = createTestSink()
    await hub.publish(note, 'message', 'before')
    const topics = [{ stream: note }, { stream: prices }]
    hub.subscribe({ sink, topics, face: 'multiplexed' })
    await settle()
    await hub.publish(prices, 'B', 2)
    clock.tick()
    expect(sink.events()).toEqual([
      { event: 'downlink.hello', data: '{"heartbeatMs":15000,"outcome":"fresh"}', id: 'e-1' },
      { event: 'prices/B', data: '2', id: 'e-2' },
    ])
  })

  test('ends by itself after the event that ends its stream', async () => {
    const { hub, clock } = setUp()
    const sink = createTestSink()
    const subscription = hub.subscribe({ sink, topics: [{ stream: job }] })
    await settle()
    await hub.publish(job, 'step', 1)
    await hub.publish(job, 'done', 'all')
    clock.tick()
    expect(await subscription.left).toBe('ended')
    expect(sink.events().map(({ event }) => event)).toEqual(['step', 'done'])
  })
})
