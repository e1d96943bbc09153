/** Finds the subscriber groups by key and by topic. */
import type { Stream } from '@downlink/protocol'
import type { StreamFormat } from './frames.ts'
import type { SubscriberGroup } from './subscriber.ts'

export interface Groups {
  readonly all: Iterable<SubscriberGroup>
  /** The group of a format and contracts, created for its first subscriber. */
  get(format: StreamFormat, streams: readonly Stream[]): SubscriberGroup
  removeIfEmpty(group: SubscriberGroup): void
  /** The groups that subscribe to a topic. */
  ofTopic(topic: string): Iterable<SubscriberGroup>
}

export function createGroups(): Groups {
  const byKey = new Map<string, SubscriberGroup>()
  const byTopic = new Map<string, Set<SubscriberGroup>>()
  return {
    get all() {
      return byKey.values()
    },
    get(format, streams) {
      const distinct = new Map(streams.map((stream) => [stream.topic, stream]))
      const byName = [...distinct.values()].sort((a, b) => (a.topic < b.topic ? -1 : 1))
      const key = [format, ...byName.map(contractKey)].join('\n')
      const known = byKey.get(key)
      if (known) return known
      const group: SubscriberGroup = {
        key,
        format,
        streams: new Map(byName.map((stream) => [stream.topic, stream])),
        members: [],
        catchingUp: new Set(),
        pending: [],
        pendingBytes: 0,
      }
      byKey.set(key, group)
      for (const topic of group.streams.keys()) {
        const groups = byTopic.get(topic)
        if (groups) groups.add(group)
        else byTopic.set(topic, new Set([group]))
      }
      return group
    },
    removeIfEmpty(group) {
      if (group.members.length > 0 || group.catchingUp.size > 0 || !byKey.delete(group.key)) return
      for (const topic of group.streams.keys()) {
        const groups = byTopic.get(topic)
        groups?.delete(group)
        if (groups?.size === 0) byTopic.delete(topic)
      }
    },
    ofTopic: (topic) => byTopic.get(topic) ?? [],
  }
}

/** Equal for contracts under which subscribers receive the same. No name contains a space or a line break. */
function contractKey({ topic, events, overflow, finalEvents = [] }: Stream): string {
  const names = Object.keys(events).sort()
  return [topic, overflow, ...names, '', ...[...finalEvents].sort()].join(' ')
}
