/** The health events that clients receive while the log cannot be reached. */
import { expect, test } from 'vitest'
import type { TestSink } from '../../test/sink.ts'
import { setUp, settle } from '../../test/set-up.ts'
import { note } from '../../test/streams.ts'
import type { LogFollower } from '../log/event-log.ts'
import { createMemoryLog } from '../log/memory-log.ts'

const HEARTBEAT_MS = 1_000

function setUpState() {
  const memory = createMemoryLog({ epoch: 'e' })
  let follower: LogFollower | undefined
  const log = {
    ...memory,
    follow(hub: LogFollower) {
      follower = hub
      return memory.follow(hub)
    },
  }
  const report = (state: 'up' | 'down') => follower?.onState?.(state)
  return { report, ...setUp({ log, heartbeatMs: HEARTBEAT_MS }) }
}

function controlEvents(sink: TestSink): string[] {
  return sink.events().flatMap(({ event, data }) => {
    if (event === 'downlink.hello') return 'hello'
    return event === 'downlink.health' ? (JSON.parse(data) as { state: string }).state : []
  })
}

const MULTIPLEXED = { topics: [{ stream: note }], format: 'multiplexed' } as const

test('clients on the multiplexed format are told of each change once', async () => {
  const { report, open } = setUpState()
  const { sink } = await open(MULTIPLEXED)
  const plain = await open({ topics: [{ stream: note }] })
  const before = plain.sink.text
  for (const state of ['up', 'down', 'down', 'up', 'up'] as const) report(state)
  expect(controlEvents(sink)).toEqual(['hello', 'degraded', 'ok'])
  expect(plain.sink.text).toBe(before)
})

test('a client that connects while the log is down receives the state after its hello', async () => {
  const { report, open } = setUpState()
  report('down')
  const { sink } = await open(MULTIPLEXED)
  expect(controlEvents(sink)).toEqual(['hello', 'degraded'])
})

test('a client that was blocked receives the current state with the next heartbeat', async () => {
  const { report, open, clock, hub } = setUpState()
  const { sink } = await open(MULTIPLEXED)
  await hub.publish(note, 'message', 'x')
  sink.block()
  clock.tick()
  report('down')
  report('up')
  report('down')
  expect(controlEvents(sink)).toEqual(['hello'])
  sink.unblock()
  await settle()
  clock.advance(2 * HEARTBEAT_MS)
  expect(controlEvents(sink)).toEqual(['hello', 'degraded'])
})
