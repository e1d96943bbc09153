/** A log that did not report all entries, such as one whose node was suspended, and reports its position again. */
import { expect, test } from 'vitest'
import { createTestSink } from '../../test/sink.ts'
import { setUp, settle } from '../../test/set-up.ts'
import { job, note, prices } from '../../test/streams.ts'
import type { EventLog, LogFollower } from '../log/event-log.ts'
import { createMemoryLog } from '../log/memory-log.ts'

/** A hub that is not told about appends while it is suspended. */
function setUpSuspended() {
  const memory = createMemoryLog({ epoch: 'e' })
  let follower: LogFollower | undefined
  let isSuspended = false
  const log: EventLog = {
    ...memory,
    follow(hub) {
      follower = hub
      return memory.follow({
        onPosition: (position) => hub.onPosition(position),
        onEntries: (entries) => {
          if (!isSuspended) hub.onEntries(entries)
        },
      })
    },
  }
  const fixture = setUp({ log, maxQueuedBytes: 200 })
  return {
    ...fixture,
    suspend: () => void (isSuspended = true),
    resume: async () => {
      isSuspended = false
      const stop = memory.follow({
        onPosition: (position) => follower?.onPosition(position),
        onEntries: () => undefined,
      })
      stop()
      // A catch-up takes a tick for each page.
      for (let i = 0; i < 5; i++) {
        await settle()
        fixture.clock.tick()
      }
    },
  }
}

test('each subscriber reads the skipped entries from its own position', async () => {
  const { hub, clock, open, suspend, resume } = setUpSuspended()
  const plain = await open({ topics: [{ stream: note }] })
  await hub.publish(note, 'message', '1')
  clock.tick()
  const late = await open({ topics: [{ stream: note }, { stream: job }], format: 'multiplexed' })
  await hub.publish(note, 'message', '2')
  suspend()
  await hub.publish(note, 'message', '3')
  await hub.publish(job, 'step', 4)
  await resume()
  await hub.publish(note, 'message', '5')
  clock.tick()
  expect(plain.sink.events().map(({ data }) => data)).toEqual(['1', '2', '3', '5'])
  const events = late.sink.events().filter(({ event }) => !event.startsWith('downlink.'))
  expect(events.map(({ data }) => data)).toEqual(['2', '3', '4', '5'])
  const hellos = late.sink.events().filter(({ event }) => event === 'downlink.hello')
  expect(hellos.map(({ data }) => (JSON.parse(data) as { outcome: string }).outcome)).toEqual([
    'fresh',
    'resumed',
  ])
})

test('an added topic is not started again', async () => {
  const { hub, clock, open, suspend, resume } = setUpSuspended()
  for (const step of [1, 2]) await hub.publish(job, 'step', step)
  const { sink } = await open({
    topics: [{ stream: note }, { stream: job, start: 'history', added: true }],
    lastEventId: 'e-2',
    format: 'multiplexed',
  })
  clock.tick()
  await settle()
  suspend()
  await hub.publish(job, 'step', 3)
  await resume()
  const steps = sink.events().filter(({ event }) => event === 'job/step')
  expect(steps.map(({ data }) => data)).toEqual(['1', '2', '3'])
})

test('a subscriber that is catching up reads up to the new position', async () => {
  const { hub, open, suspend, resume } = setUpSuspended()
  for (const step of [1, 2]) await hub.publish(job, 'step', step)
  const sink = createTestSink()
  sink.block()
  hub.subscribe({ sink, topics: [{ stream: job, start: 'history' }] })
  await settle()
  await hub.publish(job, 'step', 3)
  suspend()
  await hub.publish(job, 'step', 4)
  await resume()
  await hub.publish(job, 'step', 5)
  sink.unblock()
  await resume()
  expect(sink.events().map(({ data }) => data)).toEqual(['1', '2', '3', '4', '5'])
  expect((await open({ topics: [{ stream: note }] })).sink.events()).toEqual([])
})

test('a subscriber with a queue is disconnected, and resumes from its own last event ID', async () => {
  const { hub, clock, open, suspend, resume } = setUpSuspended()
  const { sink, subscription } = await open({
    topics: [{ stream: prices }],
    format: 'multiplexed',
  })
  await hub.publish(prices, 'A', 1)
  sink.block()
  clock.tick()
  await hub.publish(prices, 'A', 2)
  clock.tick()
  suspend()
  await hub.publish(prices, 'A', 3)
  await resume()
  expect(await subscription.left).toBe('too-slow')
  const again = await open({
    topics: [{ stream: prices }],
    format: 'multiplexed',
    lastEventId: sink.lastEventId(),
  })
  const events = again.sink.events().filter(({ event }) => event === 'prices/A')
  expect(events.map(({ data }) => data)).toEqual(['2', '3'])
})
