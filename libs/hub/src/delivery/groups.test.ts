import { pickEvents } from '@downlink/protocol'
import { describe, expect, test } from 'vitest'
import { createTestSink } from '../../test/sink.ts'
import { job, note, prices } from '../../test/streams.ts'
import { createCounters } from '../counters.ts'
import { createGroups, type Groups } from './groups.ts'
import { createSubscriber, type Subscriber, type SubscriberGroup } from './subscriber.ts'

function groupsOf(groups: Groups, topic: string): readonly string[] {
  return [...groups.ofTopic(topic)].map(nameOf)
}

function nameOf({ format, streams }: SubscriberGroup): string {
  return [format, ...streams.keys()].join(' ')
}

function subscriberOf(group: SubscriberGroup): Subscriber {
  return createSubscriber({
    context: { counters: createCounters(), maxQueuedBytes: 0, leave: () => undefined },
    sink: createTestSink(),
    group,
    expiresAtMs: Infinity,
    resolveOutcome: () => undefined,
    resolveLeft: () => undefined,
  })
}

describe('a group', () => {
  test('is shared by subscribers of the same format and contracts, in any order', () => {
    const groups = createGroups()
    const group = groups.get('multiplexed', [note, prices])
    expect(groups.get('multiplexed', [prices, note])).toBe(group)
    expect(groups.get('plain', [note])).not.toBe(group)
    expect(groupsOf(groups, 'note')).toEqual(['multiplexed note prices', 'plain note'])
  })

  test('is not shared by subscribers to different events of a topic', () => {
    const groups = createGroups()
    const all = groups.get('plain', [prices])
    const one = groups.get('plain', [pickEvents(prices, ['A'])])
    expect(one).not.toBe(all)
    expect(groups.get('plain', [pickEvents(prices, ['A'])])).toBe(one)
    expect(groups.get('plain', [pickEvents(prices, ['B', 'A'])])).toBe(all)
    expect(groups.get('plain', [{ ...prices, overflow: 'disconnect' }])).not.toBe(all)
    expect(groupsOf(groups, 'prices')).toHaveLength(3)
  })

  test('without subscribers is removed from all groups and from each of its topics', () => {
    const groups = createGroups()
    const both = groups.get('multiplexed', [note, prices])
    groups.get('plain', [note])
    groups.removeIfEmpty(both)
    expect([...groups.all].map(nameOf)).toEqual(['plain note'])
    expect(groupsOf(groups, 'note')).toEqual(['plain note'])
    expect(groupsOf(groups, 'prices')).toEqual([])
    expect(groups.get('multiplexed', [note, prices])).not.toBe(both)
  })

  test('with a member or a subscriber that is catching up is not removed', () => {
    const groups = createGroups()
    const group = groups.get('plain', [job])
    const subscriber = subscriberOf(group)
    group.catchingUp.add(subscriber)
    groups.removeIfEmpty(group)
    expect(groupsOf(groups, 'job')).toEqual(['plain job'])
    group.catchingUp.delete(subscriber)
    group.members.push(subscriber)
    groups.removeIfEmpty(group)
    expect(groupsOf(groups, 'job')).toEqual(['plain job'])
    group.members.pop()
    groups.removeIfEmpty(group)
    expect(groupsOf(groups, 'job')).toEqual([])
  })
})
