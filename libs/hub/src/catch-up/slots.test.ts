/** Many catch-ups at the same time: their order and their limit. */
import { expect, test } from 'vitest'
import { settle, setUp } from '../../test/set-up.ts'
import { createTestSink } from '../../test/sink.ts'
import { note, prices } from '../../test/streams.ts'
import type { EventLog } from '../log/event-log.ts'
import type { TopicRequest } from './topic-request.ts'
import { createMemoryLog } from '../log/memory-log.ts'

const history: readonly TopicRequest[] = [{ stream: note, start: 'history' }]

/** A log whose pages a test releases one by one. */
function heldLog() {
  const log = createMemoryLog({ epoch: 'e', now: () => 0 })
  const held: (() => void)[] = []
  let reading = 0
  let most = 0
  const readAfter: EventLog['readAfter'] = async (...asked) => {
    reading += 1
    most = Math.max(most, reading)
    await new Promise<void>((resolve) => held.push(resolve))
    reading -= 1
    return log.readAfter(...asked)
  }
  return {
    log: { ...log, readAfter },
    reading: () => reading,
    mostReading: () => most,
    release: () => held.shift()?.(),
  }
}

async function publish(hub: ReturnType<typeof setUp>['hub'], count: number): Promise<void> {
  for (let i = 1; i <= count; i++) await hub.publish(note, 'message', String(i))
}

test('a catch-up sends one page per tick, so that other work can run in between', async () => {
  const { hub, clock, open } = setUp()
  await publish(hub, 600)
  const { sink } = await open({ topics: history })
  const seen = [sink.events().length]
  for (let i = 0; i < 2; i++) {
    clock.tick()
    await settle()
    seen.push(sink.events().length)
  }
  expect(seen).toEqual([256, 512, 600])
  expect(sink.events().map(({ data }) => Number(data))).toEqual(
    Array.from({ length: 600 }, (_, i) => i + 1),
  )
})

test('concurrent catch-ups alternate page by page', async () => {
  const { hub, clock, open } = setUp()
  await publish(hub, 600)
  const subscribers = [await open({ topics: history }), await open({ topics: history })]
  clock.tick()
  await settle()
  expect(subscribers.map(({ sink }) => sink.events().length)).toEqual([512, 512])
})

test('at most `maxCatchUps` catch-ups read the log at once, and the others follow in order', async () => {
  const { log, reading, mostReading, release } = heldLog()
  const { hub, clock, open } = setUp({ log, maxCatchUps: 2 })
  await publish(hub, 3)
  const order: number[] = []
  for (let i = 0; i < 6; i++) {
    const { subscription } = await open({ topics: history })
    void subscription.outcome.then(() => order.push(i))
  }
  expect(reading()).toBe(2)
  for (let i = 0; i < 6; i++) {
    release()
    await settle()
    clock.tick()
    await settle()
  }
  expect(mostReading()).toBe(2)
  expect(order).toEqual([0, 1, 2, 3, 4, 5])
})

test('a released slot is assigned in a later tick', async () => {
  const { log, reading, release } = heldLog()
  const { hub, clock, open } = setUp({ log, maxCatchUps: 1 })
  await publish(hub, 1)
  for (let i = 0; i < 2; i++) await open({ topics: history })
  release()
  await settle()
  expect(reading()).toBe(0)
  clock.tick()
  await settle()
  expect(reading()).toBe(1)
})

test('a new subscriber does not take a slot before a queued catch-up', async () => {
  const { log, release } = heldLog()
  const { hub, clock, open } = setUp({ log, maxCatchUps: 1 })
  await publish(hub, 1)
  await open({ topics: history })
  const queued = await open({ topics: history })
  release()
  await settle()
  const later = await open({ topics: history })
  clock.tick()
  await settle()
  release()
  await settle()
  expect([queued, later].map(({ sink }) => sink.events().length)).toEqual([1, 0])
})

test('a subscriber that leaves while it is queued leaves immediately and takes no slot', async () => {
  const { log, reading, release } = heldLog()
  const { hub, clock, open } = setUp({ log, maxCatchUps: 1 })
  await publish(hub, 1)
  await open({ topics: history })
  const queued = await open({ topics: history })
  const after = await open({ topics: history })
  queued.sink.close()
  expect(await queued.subscription.outcome).toBeUndefined()
  release()
  await settle()
  clock.tick()
  await settle()
  expect(reading()).toBe(1)
  release()
  expect(await after.subscription.outcome).toBe('fresh')
  await settle()
  expect(reading()).toBe(0)
  expect(queued.sink.events()).toEqual([])
})

test('a catch-up that waits for a blocked sink releases its slot', async () => {
  const { hub, clock, open } = setUp({ maxCatchUps: 1 })
  await publish(hub, 300)
  const slow = createTestSink()
  slow.block()
  hub.subscribe({ sink: slow, topics: history })
  await settle()
  const { sink } = await open({ topics: history })
  for (let i = 0; i < 2; i++) {
    clock.tick()
    await settle()
  }
  expect(sink.events()).toHaveLength(300)
  slow.unblock()
  for (let i = 0; i < 3; i++) {
    clock.tick()
    await settle()
  }
  expect(slow.events()).toHaveLength(300)
})

test('events published while a catch-up is queued follow it in order', async () => {
  const { log, release } = heldLog()
  const { hub, clock, open } = setUp({ log, maxCatchUps: 1 })
  await publish(hub, 2)
  await open({ topics: history })
  const { sink } = await open({ topics: history })
  await hub.publish(note, 'message', '3')
  for (let i = 0; i < 2; i++) {
    release()
    await settle()
    clock.tick()
    await settle()
  }
  expect(sink.events().map(({ data }) => data)).toEqual(['1', '2', '3'])
})

test('a subscriber without missed events does not wait for catch-ups', async () => {
  const { log } = heldLog()
  const { hub, clock, open } = setUp({ log, maxCatchUps: 1 })
  await open({ topics: history })
  const { sink } = await open({ topics: [{ stream: prices, start: 'latest' }] })
  await hub.publish(prices, 'A', 1)
  clock.tick()
  expect(sink.events()).toHaveLength(1)
})
