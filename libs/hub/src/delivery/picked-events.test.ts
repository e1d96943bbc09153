/** Subscribers whose contract contains only some of a topic's events. */
import { pickEvents } from '@downlink/protocol'
import { expect, test } from 'vitest'
import { setUp, settle } from '../../test/set-up.ts'
import { job, note, prices } from '../../test/streams.ts'

const onlyA = pickEvents(prices, ['A'])
const onlyDone = pickEvents(job, ['done'])
const onlySteps = pickEvents(job, ['step'])

test('subscribers to different events of one topic receive only the events of their contract', async () => {
  const { hub, clock, open } = setUp()
  const all = await open({ topics: [{ stream: prices }] })
  const one = await open({ topics: [{ stream: onlyA }] })
  const topics = [{ stream: onlyA }, { stream: note }]
  const both = await open({ topics, format: 'multiplexed' })
  await hub.publish(prices, 'A', 1)
  await hub.publish(prices, 'B', 2)
  await hub.publish(note, 'message', 'x')
  await hub.publish(prices, 'A', 3)
  clock.tick()
  expect(all.sink.events().map(({ data }) => data)).toEqual(['1', '2', '3'])
  expect(one.sink.events().map(({ data, id }) => [data, id])).toEqual([
    ['1', 'e-1'],
    ['3', 'e-4'],
  ])
  expect(both.sink.events().map(({ event }) => event)).toEqual([
    'downlink.hello',
    'prices/A',
    'note/message',
    'prices/A',
  ])
  expect(one.subscription.progress().events).toBe(2)
  expect(hub.subscriberCount(prices)).toBe(3)
})

test('an event that no subscriber receives is neither pending nor written', async () => {
  const { hub, clock, open } = setUp()
  const { sink } = await open({ topics: [{ stream: onlyA }] })
  const { writes } = sink
  await hub.publish(prices, 'B', 2)
  expect(hub.counters().queuedBytes).toBe(0)
  clock.tick()
  expect(sink.writes).toBe(writes)
})

test.each(['history', 'latest'] as const)(
  'a new subscriber that starts with `%s` receives only the events of its contract',
  async (start) => {
    const { hub, clock, open } = setUp()
    for (const event of ['B', 'A', 'B', 'A', 'B'] as const) await hub.publish(prices, event, 0)
    const { sink, subscription } = await open({
      topics: [{ stream: onlyA, start }],
      format: 'multiplexed',
    })
    const [hello, ...events] = sink.events().map(({ id }) => id)
    const expected = start === 'history' ? ['e-2', 'e-4'] : ['e-4']
    expect(events).toEqual(expected)
    // The position is before the first event, so a client that disconnects here receives that event again.
    expect(hello).toBe(start === 'history' ? 'e-1' : 'e-3')
    await hub.publish(prices, 'A', 6)
    clock.tick()
    expect(subscription.progress().events).toBe(expected.length + 1)
  },
)

test('a client that resumes receives the missed events of its contract, and its position advances', async () => {
  const { hub, clock, open } = setUp()
  // More than one page of events of another contract, before and after the event of this client.
  for (let i = 0; i < 300; i++) await hub.publish(prices, 'B', i)
  await hub.publish(prices, 'A', 301)
  for (let i = 0; i < 300; i++) await hub.publish(prices, 'B', i)
  const { sink, subscription } = await open({
    topics: [{ stream: onlyA }],
    format: 'multiplexed',
    lastEventId: 'e-1',
  })
  for (let page = 0; page < 5; page++) {
    clock.tick()
    await settle()
  }
  expect(await subscription.outcome).toBe('resumed')
  expect(sink.events().map(({ id }) => id)).toEqual(['e-1', 'e-301'])
  clock.advance(15_000)
  expect(sink.lastEventId()).toBe('e-601')
  const again = await open({ topics: [{ stream: prices }], lastEventId: sink.lastEventId() })
  expect(again.sink.events()).toEqual([])
})

test('live events that arrive during catch-up are sent only if the contract contains them', async () => {
  const { hub, clock, open } = setUp()
  await hub.publish(prices, 'A', 1)
  const opened = open({ topics: [{ stream: onlyA, start: 'history' }] })
  await hub.publish(prices, 'B', 2)
  await hub.publish(prices, 'A', 3)
  const { sink } = await opened
  clock.tick()
  expect(sink.events().map(({ data }) => data)).toEqual(['1', '3'])
})

test('a slow subscriber drops only events of its contract', async () => {
  const { hub, clock, open } = setUp({ maxQueuedBytes: 40 })
  const { sink, subscription } = await open({ topics: [{ stream: onlyA }], format: 'multiplexed' })
  sink.block()
  await hub.publish(prices, 'A', 1)
  clock.tick()
  for (const [event, value] of [
    ['A', 2],
    ['B', 3],
    ['A', 4],
    ['B', 5],
  ] as const) {
    await hub.publish(prices, event, value)
    clock.tick()
  }
  sink.unblock()
  const received = sink.events().slice(1)
  expect(received.map(({ data }) => data)).toEqual(['1', '{"topic":"prices","count":1}', '4'])
  expect(subscription.progress().dropped).toBe(1)
})

test('a stream ends for a subscriber after the final events of its contract', async () => {
  const { hub, clock, open } = setUp()
  const done = await open({ topics: [{ stream: onlyDone }] })
  const steps = await open({ topics: [{ stream: onlySteps }] })
  await hub.publish(job, 'step', 1)
  await hub.publish(job, 'done', 'all')
  clock.tick()
  expect(done.sink.events().map(({ event }) => event)).toEqual(['done'])
  expect(await done.subscription.left).toBe('ended')
  expect(steps.sink.events().map(({ event }) => event)).toEqual(['step'])
  expect(steps.sink.ended).toBeUndefined()
  // A new subscriber receives the final event. For a contract without that event, the topic has not ended.
  const late = await open({ topics: [{ stream: onlyDone }] })
  expect(await late.subscription.left).toBe('ended')
  const unfinished = await open({ topics: [{ stream: onlySteps }] })
  expect(unfinished.sink.ended).toBeUndefined()
})

test('the age of latest values can be limited per event', async () => {
  const { hub, clock, open } = setUp()
  await hub.publish(prices, 'A', 1)
  await hub.publish(prices, 'B', 2)
  clock.advance(1_001)
  const start = 'latest' as const
  const limited = await open({ topics: [{ stream: prices, start, latestMaxAgeMs: { A: 1_000 } }] })
  expect(limited.sink.events().map(({ data }) => data)).toEqual(['2'])
  const none = await open({ topics: [{ stream: prices, start, latestMaxAgeMs: 1_000 }] })
  expect(none.sink.events()).toEqual([])
})

test('a new subscriber receives the final event of its contract, also if other events of the topic follow it', async () => {
  const { hub, open } = setUp()
  // An earlier version of the contract without final events stored these.
  const endless = { ...job, finalEvents: [] }
  await hub.publish(endless, 'done', 'all')
  await hub.publish(endless, 'step', 1)
  const { sink, subscription } = await open({ topics: [{ stream: onlyDone }] })
  expect(sink.events().map(({ event }) => event)).toEqual(['done'])
  expect(await subscription.left).toBe('ended')
})
