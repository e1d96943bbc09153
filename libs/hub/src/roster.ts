/** Who subscribes to what: entering, being admitted to a lane, leaving it, and why. */
import { control, pack } from '@downlink/protocol'
import { encodeEvent } from '@downlink/protocol/sse'
import type { Clock } from './clock.ts'
import type { HubCounters } from './counters.ts'
import { textBatch } from './frame.ts'
import type { TopicRequest } from './join.ts'
import type { Lanes } from './lane.ts'
import { comesBack, type LeaveReason } from './leave-reason.ts'
import { createLingering } from './lingering.ts'
import {
  bufferedBytesOf,
  deliver,
  flushQueue,
  isGone,
  writeBatch,
  type Subscriber,
} from './subscriber.ts'

export interface Roster {
  /** All who subscribe, and what each asked for. */
  readonly all: ReadonlyMap<Subscriber, readonly TopicRequest[]>
  enter(subscriber: Subscriber, topics: readonly TopicRequest[]): void
  /** One who is up to date gets what its lane gets. */
  admit(subscriber: Subscriber): void
  /** One who was up to date is to be brought up to date again. */
  suspend(subscriber: Subscriber): void
  /** Leaves once; politely unless the other side has gone or cannot keep up. */
  leave(subscriber: Subscriber, reason: LeaveReason): void
  /** The subscriber's sink has closed. */
  closed(subscriber: Subscriber): void
  /** Lets everybody go, and cuts whoever is not gone at once. */
  cutAll(): void
  /** Whether nobody subscribes and no stream is open any more. */
  isEmpty(): boolean
  /** How many subscribe to a topic. */
  viewers(topic: string): number
  /** Bytes that are buffered now for all open streams; what is pending for a lane counts once. */
  queuedBytes(): number
}

export interface RosterParts {
  readonly clock: Clock
  readonly lanes: Lanes
  readonly counters: HubCounters
  readonly retryMs: number
  readonly endGraceMs: number
  /** Somebody has left. */
  readonly onLeft: (subscriber: Subscriber) => void
  /** Nobody subscribes, and no stream is open any more. */
  readonly onEmpty: () => void
}

export function createRoster(parts: RosterParts): Roster {
  const { clock, lanes, counters, retryMs, endGraceMs, onLeft, onEmpty } = parts
  const all = new Map<Subscriber, readonly TopicRequest[]>()
  const viewers = new Map<string, number>()
  const lingering = createLingering(clock, endGraceMs, tellIfEmpty)

  return {
    all,
    enter(subscriber, topics) {
      all.set(subscriber, topics)
      counters.subscribers += 1
      subscriber.lane.joining.add(subscriber)
      countViewers(subscriber, 1)
    },
    admit(subscriber) {
      const { lane } = subscriber
      lane.joining.delete(subscriber)
      subscriber.waiting = undefined
      subscriber.place = lane.members.push(subscriber) - 1
    },
    suspend(subscriber) {
      removeFromLane(subscriber)
      subscriber.queue = undefined
      subscriber.lane.joining.add(subscriber)
    },
    leave,
    closed(subscriber) {
      lingering.closed(subscriber.sink)
      leave(subscriber, 'client')
      tellIfEmpty()
    },
    cutAll() {
      for (const subscriber of all.keys()) leave(subscriber, 'draining')
      lingering.cutAll()
    },
    isEmpty,
    viewers: (topic) => viewers.get(topic) ?? 0,
    queuedBytes() {
      let bytes = lingering.bufferedBytes
      for (const subscriber of all.keys()) bytes += bufferedBytesOf(subscriber)
      for (const { pendingBytes } of lanes.all) bytes += pendingBytes
      return bytes
    },
  }

  function leave(subscriber: Subscriber, reason: LeaveReason): void {
    if (isGone(subscriber)) return
    const { lane, sink } = subscriber
    subscriber.left = reason
    const politely = reason !== 'client' && reason !== 'too-slow'
    if (politely) sayBye(subscriber, reason)
    all.delete(subscriber)
    counters.subscribers -= 1
    counters.left[reason] += 1
    removeFromLane(subscriber)
    lanes.tidy(lane)
    countViewers(subscriber, -1)
    subscriber.queue = undefined
    subscriber.waiting = undefined

    if (politely) lingering.end(sink, reason === 'draining' || reason === 'lifetime')
    else if (reason === 'too-slow') sink.destroy()

    subscriber.settleOutcome(undefined)
    subscriber.settleLeft(reason)
    subscriber.onRoom?.()
    onLeft(subscriber)
    tellIfEmpty()
  }

  /** What is pending for a subscriber, and the last event of its connection. */
  function sayBye(subscriber: Subscriber, reason: LeaveReason): void {
    const { lane } = subscriber
    if (subscriber.place >= 0) {
      deliver(subscriber, lane.pending)
      flushQueue(subscriber)
    }
    if (lane.face === 'plain') return
    const reconnectMs = comesBack(reason) ? Math.round(clock.random() * retryMs) : null
    const bye = pack(control, 'downlink.bye', { reason, reconnectMs })
    writeBatch(subscriber, textBatch(encodeEvent(bye)))
  }

  function removeFromLane(subscriber: Subscriber): void {
    const { lane, place } = subscriber
    lane.joining.delete(subscriber)
    // The last member takes the place: nothing is moved up.
    const last = place >= 0 ? lane.members.pop() : undefined
    if (last && last !== subscriber) {
      lane.members[place] = last
      last.place = place
    }
    subscriber.place = -1
  }

  function countViewers(subscriber: Subscriber, by: 1 | -1): void {
    for (const topic of subscriber.lane.streams.keys()) {
      const count = (viewers.get(topic) ?? 0) + by
      if (count > 0) viewers.set(topic, count)
      else viewers.delete(topic)
    }
  }

  function tellIfEmpty(): void {
    if (isEmpty()) onEmpty()
  }

  function isEmpty(): boolean {
    return all.size === 0 && lingering.size === 0
  }
}
