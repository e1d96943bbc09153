/** What a subscriber receives during catch-up: after an overflow, after a log restart, and before it leaves. */
import { expect, test } from 'vitest'
import { createTestClock, type TestClock } from '../../test/clock.ts'
import { createTestSink } from '../../test/sink.ts'
import { createSlowLog } from '../../test/slow-log.ts'
import { setUp, settle } from '../../test/set-up.ts'
import { job, note } from '../../test/streams.ts'
import { createCounters } from '../counters.ts'
import { createFrameCache } from '../delivery/frame-cache.ts'
import { catchUp } from './catch-up.ts'
import { createGroups } from '../delivery/groups.ts'
import { createMemoryLog } from '../log/memory-log.ts'
import { createCatchUpSlots } from './slots.ts'
import { createRegistry } from '../lifecycle/registry.ts'
import { createSubscriber, type HubContext } from '../delivery/subscriber.ts'

const HISTORY = [{ stream: job, start: 'history' as const }]

/** A hub whose log answers late; each restart of the log starts the next epoch: `e2`, `e3` and so on. */
function setUpSlow(delay: () => number = () => 1) {
  let epochs = 0
  const log = createSlowLog(delay, () => createMemoryLog({ epoch: `e${++epochs}` }))
  return { log, ...setUp({ log, endGraceMs: 500 }) }
}

/** Runs enough ticks for the longest catch-up of these tests: a catch-up sends one page per tick. */
async function settlePages(clock: TestClock): Promise<void> {
  for (let page = 0; page < 20; page++) {
    await settle()
    clock.tick()
  }
}

test('live events over the limit of a catch-up are read from the log, each once and in order', async () => {
  const { hub, clock } = setUp()
  for (let i = 1; i <= 10; i++) await hub.publish(job, 'step', i)
  const sink = createTestSink()
  sink.block()
  hub.subscribe({ sink, topics: HISTORY })
  await settle()
  const published = Array.from({ length: 2_990 }, (_, i) => hub.publish(job, 'step', i + 11))
  await settlePages(clock)
  await Promise.all(published)
  expect(sink.events()).toEqual([])
  sink.unblock()
  await settlePages(clock)
  expect(sink.events().map(({ data }) => Number(data))).toEqual(
    Array.from({ length: 3_000 }, (_, i) => i + 1),
  )
})

test('events that are pending when the log restarts are not sent after the gap', async () => {
  const { log, hub, clock, open } = setUpSlow()
  await settle()
  const { sink } = await open({ topics: [{ stream: note }], format: 'multiplexed' })
  await hub.publish(note, 'message', 'pending')
  await settle()
  log.restart()
  await settle()
  clock.tick()
  await hub.publish(note, 'message', 'new')
  await settle()
  clock.tick()
  expect(sink.events().map(({ event, id }) => [event, id])).toEqual([
    ['downlink.hello', 'e1-0'],
    ['downlink.hello', 'e2-0'],
    ['note/message', 'e2-1'],
  ])
})

test('a catch-up that waits for a blocked sink ends when its subscriber leaves', async () => {
  const log = createMemoryLog({ epoch: 'e' })
  await log.append({ topic: job.topic, event: 'step', data: '1' })
  const groups = createGroups()
  const counters = createCounters()
  const clock = createTestClock()
  const registry = createRegistry({
    clock,
    groups,
    counters,
    retryMs: 0,
    endGraceMs: 0,
    onLeft: () => undefined,
    onEmpty: () => undefined,
  })
  const context: HubContext = {
    counters,
    maxQueuedBytes: 100,
    leave: (...args) => registry.leave(...args),
  }
  const subscriber = createSubscriber({
    context,
    sink: createTestSink(),
    group: groups.get('plain', [job]),
    expiresAtMs: Infinity,
    resolveOutcome: () => undefined,
    resolveLeft: () => undefined,
  })
  registry.add(subscriber, HISTORY)
  subscriber.blocked = true
  let ended = false
  const done = catchUp(subscriber, HISTORY, { kind: 'new' }, [], {
    log,
    frames: createFrameCache(),
    slots: createCatchUpSlots(clock.afterTick, 1),
    afterTick: clock.afterTick,
    heartbeatMs: 1_000,
    health: () => 'ok',
    ready: Promise.resolve(),
    head: () => ({ epoch: 'e', seq: 1 }),
    joinGroup: (one) => registry.joinGroup(one),
  }).then(() => (ended = true))
  await settle()
  expect(ended).toBe(false)
  registry.onSinkClosed(subscriber)
  await settle()
  expect(ended).toBe(true)
  await done
})

test('`leave` during catch-up sends the missed events and those published meanwhile, then the bye', async () => {
  const { hub, clock } = setUpSlow(() => 5)
  await settle()
  for (let i = 1; i <= 10; i++) await hub.publish(job, 'step', i)
  await settle()
  const sink = createTestSink()
  const subscription = hub.subscribe({ sink, topics: HISTORY, format: 'multiplexed' })
  await hub.publish(job, 'step', 11)
  subscription.leave()
  subscription.leave({ reason: 'other' })
  await settlePages(clock)
  expect(await subscription.left).toBe('dismissed')
  const [hello, ...rest] = sink.events()
  const bye = rest.pop()
  expect([hello?.event, bye?.event]).toEqual(['downlink.hello', 'downlink.bye'])
  expect(rest.map(({ data }) => Number(data))).toEqual(Array.from({ length: 11 }, (_, i) => i + 1))
  expect(hub.counters().left).toMatchObject({ dismissed: 1, lifetime: 0 })
})

test.each([
  [
    '`endGraceMs` is over',
    ({ clock }: ReturnType<typeof setUp>) => clock.advance(500),
    'dismissed',
  ],
  ['the client disconnects', (_: unknown, close: () => void) => close(), 'client'],
] as const)(
  'after `leave`, a subscriber with a blocked sink stays until %s',
  async (_, end, reason) => {
    const parts = setUp({ endGraceMs: 500, heartbeatMs: 10_000_000 })
    const { hub, clock } = parts
    await hub.publish(job, 'step', 1)
    const sink = createTestSink()
    sink.block()
    const subscription = hub.subscribe({ sink, topics: HISTORY, format: 'multiplexed' })
    await settle()
    subscription.leave()
    clock.advance(499)
    await settle()
    expect(sink.ended).toBeUndefined()
    expect(hub.counters().subscribers).toBe(1)
    end(parts, () => sink.close())
    expect(await subscription.left).toBe(reason)
    expect(sink.events().map(({ event }) => event)).toEqual(
      reason === 'client' ? ['downlink.hello'] : ['downlink.hello', 'downlink.bye'],
    )
    await settle()
    expect(clock.timers).toBe(0)
  },
)

test('closing the hub lets subscribers catch up, and destroys open streams after `graceMs`', async () => {
  const { hub, clock } = setUp()
  await hub.publish(job, 'step', 1)
  const [reads, stalls] = [createTestSink(), createTestSink()]
  stalls.block()
  const request = { topics: HISTORY, format: 'multiplexed' as const }
  const subscriptions = [reads, stalls].map((sink) => hub.subscribe({ sink, ...request }))
  const closing = hub.close({ graceMs: 100 })
  await settle()
  expect(reads.events().map(({ event }) => event)).toEqual([
    'downlink.hello',
    'job/step',
    'downlink.bye',
  ])
  expect(stalls.ended).toBeUndefined()
  clock.advance(100)
  await closing
  expect(await Promise.all(subscriptions.map(({ left }) => left))).toEqual(['draining', 'draining'])
  expect(stalls.ended).toBe('destroyed')
  expect(clock.timers).toBe(0)
})

test('refused topics are reported once, after the first hello, and the other topics are sent', async () => {
  const { log, hub, clock, open } = setUpSlow()
  await settle()
  const refused = [
    { topic: 'job/1', reason: 'unknown' },
    { topic: 'job/2', reason: 'forbidden' },
  ]
  const { sink } = await open({ topics: [{ stream: note }], refused, format: 'multiplexed' })
  await hub.publish(note, 'message', 'served')
  await settle()
  clock.tick()
  log.restart()
  await settle()
  expect(sink.events().map(({ event }) => event)).toEqual([
    'downlink.hello',
    'downlink.refused',
    'downlink.refused',
    'note/message',
    'downlink.hello',
  ])
  expect(
    sink
      .events()
      .flatMap(({ event, data, id }) =>
        event === 'downlink.refused' ? [[JSON.parse(data), id]] : [],
      ),
  ).toEqual(refused.map((one) => [one, 'e1-0']))
})

test('refused topics are reported once also if the log restarts during the catch-up', async () => {
  const { log, hub, clock } = setUpSlow(() => 5)
  await settle()
  for (let i = 1; i <= 10; i++) await hub.publish(job, 'step', i)
  await settle()
  const sink = createTestSink()
  const refused = [{ topic: 'job/1', reason: 'unknown' }]
  hub.subscribe({ sink, topics: HISTORY, refused, format: 'multiplexed' })
  while (sink.events().length === 0) await Promise.resolve()
  log.restart()
  await settlePages(clock)
  const names = sink.events().map(({ event }) => event)
  expect(names.filter((name) => name === 'downlink.hello')).toHaveLength(2)
  expect(names.filter((name) => name === 'downlink.refused')).toHaveLength(1)
})
