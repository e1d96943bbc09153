import { pickEvents } from '@downlink/protocol'
import { describe, expect, test } from 'vitest'
import { createTestSink } from '../../test/sink.ts'
import { job, note, prices } from '../../test/streams.ts'
import { createCounters } from '../counters.ts'
import { createLanes, type Lanes } from './groups.ts'
import { createSubscriber, type Subscriber } from './subscriber.ts'

function lanesOf(lanes: Lanes, topic: string): readonly string[] {
  return [...lanes.of(topic)].map(nameOf)
}

function nameOf({ format, streams }: Subscriber['lane']): string {
  return [format, ...streams.keys()].join(' ')
}

function subscriberOf(lane: Subscriber['lane']): Subscriber {
  return createSubscriber({
    home: { counters: createCounters(), maxQueuedBytes: 0, leave: () => undefined },
    sink: createTestSink(),
    lane,
    expiresAtMs: Infinity,
    settleOutcome: () => undefined,
    settleLeft: () => undefined,
  })
}

describe('a lane', () => {
  test('is shared by subscribers of the same format and topics, in any order', () => {
    const lanes = createLanes()
    const lane = lanes.enter('multiplexed', [note, prices])
    expect(lanes.enter('multiplexed', [prices, note])).toBe(lane)
    expect(lanes.enter('plain', [note])).not.toBe(lane)
    expect(lanesOf(lanes, 'note')).toEqual(['multiplexed note prices', 'plain note'])
  })

  test('is not shared by subscribers to different events of a topic', () => {
    const lanes = createLanes()
    const all = lanes.enter('plain', [prices])
    const one = lanes.enter('plain', [pickEvents(prices, ['A'])])
    expect(one).not.toBe(all)
    expect(lanes.enter('plain', [pickEvents(prices, ['A'])])).toBe(one)
    expect(lanes.enter('plain', [pickEvents(prices, ['B', 'A'])])).toBe(all)
    expect(lanes.enter('plain', [{ ...prices, overflow: 'disconnect' }])).not.toBe(all)
    expect(lanesOf(lanes, 'prices')).toHaveLength(3)
  })

  test('without subscribers is removed from the hub and from each of its topics', () => {
    const lanes = createLanes()
    const both = lanes.enter('multiplexed', [note, prices])
    lanes.enter('plain', [note])
    lanes.tidy(both)
    expect([...lanes.all].map(nameOf)).toEqual(['plain note'])
    expect(lanesOf(lanes, 'note')).toEqual(['plain note'])
    expect(lanesOf(lanes, 'prices')).toEqual([])
    expect(lanes.enter('multiplexed', [note, prices])).not.toBe(both)
  })

  test('with a member or with a subscriber that catches up is kept', () => {
    const lanes = createLanes()
    const lane = lanes.enter('plain', [job])
    const subscriber = subscriberOf(lane)
    lane.joining.add(subscriber)
    lanes.tidy(lane)
    expect(lanesOf(lanes, 'job')).toEqual(['plain job'])
    lane.joining.delete(subscriber)
    lane.members.push(subscriber)
    lanes.tidy(lane)
    expect(lanesOf(lanes, 'job')).toEqual(['plain job'])
    lane.members.pop()
    lanes.tidy(lane)
    expect(lanesOf(lanes, 'job')).toEqual([])
  })
})
