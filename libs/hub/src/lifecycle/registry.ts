/** Who subscribes to what: entering, being admitted to a lane, leaving it, and why. */
import { control, pack } from '@downlink/protocol'
import { encodeEvent } from '@downlink/protocol/sse'
import type { Clock } from '../clock.ts'
import type { HubCounters } from '../counters.ts'
import { textBatch, type Batch } from '../delivery/frames.ts'
import type { TopicRequest } from '../catch-up/catch-up.ts'
import type { Lanes } from '../delivery/groups.ts'
import { comesBack, type LeaveReason } from './leave-reason.ts'
import { createLingering } from './closing.ts'
import type { Sink } from '../delivery/sink.ts'
import {
  bufferedBytesOf,
  deliver,
  flushQueue,
  isGone,
  writeBatch,
  type Subscriber,
} from '../delivery/subscriber.ts'

export interface Roster {
  /** All who subscribe, and what each asked for. */
  readonly all: ReadonlyMap<Subscriber, readonly TopicRequest[]>
  enter(subscriber: Subscriber, topics: readonly TopicRequest[]): void
  /**
   * Opens a sink only to write a batch and end it; returns why that stream left: `client` if the other side had gone
   * already, else `draining`.
   */
  refuse(sink: Sink, batch: Batch): LeaveReason
  /** A subscriber that is up to date is given what came during its catch-up, then what its lane gets. */
  admit(subscriber: Subscriber): void
  /** One who was up to date is to be brought up to date again. */
  suspend(subscriber: Subscriber): void
  /**
   * Leaves once; with what is pending and a bye, unless the other side has gone, cannot keep up, or the log failed. A
   * subscriber that is still catching up leaves once that is done, or after `endGraceMs`.
   */
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
  /** Subscribers that leave once they have caught up. */
  const leaving = new Map<Subscriber, { readonly reason: LeaveReason; cancel(): void }>()

  return {
    all,
    enter(subscriber, topics) {
      all.set(subscriber, topics)
      counters.subscribers += 1
      subscriber.lane.joining.add(subscriber)
      countViewers(subscriber, 1)
    },
    refuse,
    admit(subscriber) {
      const { lane, waiting = [] } = subscriber
      lane.joining.delete(subscriber)
      subscriber.waiting = undefined
      subscriber.place = lane.members.push(subscriber) - 1
      deliver(subscriber, waiting)
      const due = leaving.get(subscriber)
      if (due) leaveNow(subscriber, due.reason)
    },
    suspend(subscriber) {
      removeFromLane(subscriber)
      subscriber.queue = undefined
      subscriber.lane.joining.add(subscriber)
    },
    leave,
    closed(subscriber) {
      lingering.closed(subscriber.sink)
      leaveNow(subscriber, 'client')
      tellIfEmpty()
    },
    cutAll() {
      for (const subscriber of all.keys()) leaveNow(subscriber, 'draining')
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

  function refuse(sink: Sink, batch: Batch): LeaveReason {
    let isClosed = false
    sink.open({
      onDrain: () => undefined,
      onClose() {
        isClosed = true
        lingering.closed(sink)
        tellIfEmpty()
      },
    })
    const reason = hasClosed() ? 'client' : 'draining'
    counters.left[reason] += 1
    if (reason === 'client') return reason
    counters.writes += 1
    sink.write(batch)
    lingering.end(sink, true)
    return reason

    // A function, because the compiler takes the variable for unchanged by the call.
    function hasClosed(): boolean {
      return isClosed
    }
  }

  function leave(subscriber: Subscriber, reason: LeaveReason): void {
    const isCatchingUp = subscriber.place < 0
    if (!isCatchingUp || !isPolite(reason) || reason === 'error') leaveNow(subscriber, reason)
    else if (!isGone(subscriber) && !leaving.has(subscriber)) {
      const cancel = clock.after(endGraceMs, () => leaveNow(subscriber, reason))
      leaving.set(subscriber, { reason, cancel })
    }
  }

  function leaveNow(subscriber: Subscriber, reason: LeaveReason): void {
    if (isGone(subscriber)) return
    const { lane, sink } = subscriber
    subscriber.left = reason
    leaving.get(subscriber)?.cancel()
    leaving.delete(subscriber)
    const politely = isPolite(reason)
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

  /** What is pending for a subscriber that has caught up, and the last event of its connection. */
  function sayBye(subscriber: Subscriber, reason: LeaveReason): void {
    const { lane } = subscriber
    if (subscriber.place >= 0) {
      deliver(subscriber, lane.pending)
      flushQueue(subscriber)
    }
    if (lane.format === 'plain') return
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

/** Whether a subscriber that leaves for this reason can still be written to. */
function isPolite(reason: LeaveReason): boolean {
  return reason !== 'client' && reason !== 'too-slow'
}
