/** Subscribers that get the very same bytes: one format, and the same contracts. */
import type { Stream } from '@downlink/protocol'
import type { LogEntry } from '../log/event-log.ts'
import type { StreamFormat, Frame } from './frames.ts'
import type { Subscriber } from './subscriber.ts'

export interface Lane {
  readonly key: string
  readonly format: StreamFormat
  /** The contracts by topic. */
  readonly streams: ReadonlyMap<string, Stream>
  /** Who is up to date and gets what comes. */
  readonly members: Subscriber[]
  /** Who is still being brought up to date. */
  readonly joining: Set<Subscriber>
  /** What the next flush writes. */
  pending: Frame[]
  /** The length of that. */
  pendingBytes: number
}

export interface Lanes {
  readonly all: Iterable<Lane>
  /** The lane of a format and contracts, made with its first subscriber. */
  enter(format: StreamFormat, streams: readonly Stream[]): Lane
  /** Forgets a lane that nobody is in any more. */
  tidy(lane: Lane): void
  of(topic: string): Iterable<Lane>
}

export function createLanes(): Lanes {
  const byKey = new Map<string, Lane>()
  const byTopic = new Map<string, Set<Lane>>()
  return {
    get all() {
      return byKey.values()
    },
    enter(format, streams) {
      const topics = new Map(
        streams.map((stream): [string, Stream] => [stream.topic, stream]).sort(byName),
      )
      const key = [format, ...[...topics.values()].map(contractKey)].join('\n')
      const known = byKey.get(key)
      if (known) return known
      const lane: Lane = {
        key,
        format,
        streams: topics,
        members: [],
        joining: new Set(),
        pending: [],
        pendingBytes: 0,
      }
      byKey.set(key, lane)
      for (const topic of topics.keys()) {
        const lanes = byTopic.get(topic)
        if (lanes) lanes.add(lane)
        else byTopic.set(topic, new Set([lane]))
      }
      return lane
    },
    tidy(lane) {
      if (lane.members.length > 0 || lane.joining.size > 0 || !byKey.delete(lane.key)) return
      for (const topic of lane.streams.keys()) {
        const lanes = byTopic.get(topic)
        lanes?.delete(lane)
        if (lanes?.size === 0) byTopic.delete(topic)
      }
    },
    of: (topic) => byTopic.get(topic) ?? [],
  }
}

/** Whether a contract of the lane defines the event: a subscriber to a part of a topic's events receives only those. */
export function carries({ streams }: Lane, { topic, event }: LogEntry): boolean {
  const stream = streams.get(topic)
  return stream !== undefined && Object.hasOwn(stream.events, event)
}

/** Whether an event is the last of its topic. */
export function isLast(lane: Lane, { topic, event }: LogEntry): boolean {
  return lane.streams.get(topic)?.finalEvents?.includes(event) ?? false
}

function byName(a: readonly [string, Stream], b: readonly [string, Stream]): number {
  return a[0] < b[0] ? -1 : 1
}

/** Equal for contracts under which subscribers receive the same. No name contains a space or a line break. */
function contractKey({ topic, events, overflow, finalEvents = [] }: Stream): string {
  const names = Object.keys(events).sort()
  return [topic, overflow, ...names, '', ...[...finalEvents].sort()].join(' ')
}
