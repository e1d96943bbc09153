/** All subscribers of a hub: adding one, making it a member of its group, and removing it with a reason. */
import { control, pack, type Clock } from '@downlink/protocol'
import { encodeEvent } from '@downlink/protocol/sse'
import type { TopicRequest } from '../catch-up/topic-request.ts'
import type { HubCounters } from '../counters.ts'
import type { Groups } from '../delivery/groups.ts'
import type { Sink } from '../delivery/sink.ts'
import {
  bufferedBytesOf,
  deliver,
  flushQueue,
  hasLeft,
  writeText,
  type Subscriber,
} from '../delivery/subscriber.ts'
import { createClosingSinks } from './closing.ts'
import { isWritable, shouldReconnect, type Farewell, type LeaveReason } from './leave-reason.ts'

export interface Registry {
  /** All subscribers, and what each requested. */
  readonly all: ReadonlyMap<Subscriber, readonly TopicRequest[]>
  add(subscriber: Subscriber, topics: readonly TopicRequest[]): void
  /**
   * Opens a sink only to write these bytes and end it. Returns the reason of leaving: `client` if the client had
   * disconnected before, else `draining`.
   */
  refuse(sink: Sink, bytes: Uint8Array): LeaveReason
  /** Makes a subscriber that has caught up a member of its group; first it receives the frames that were held back. */
  joinGroup(subscriber: Subscriber): void
  /** Makes a member catch up again. */
  returnToCatchUp(subscriber: Subscriber): void
  /**
   * Removes a subscriber, once. It gets what is pending and a bye, unless the client has disconnected or is too slow, or
   * the log failed. A subscriber that is catching up leaves once that is done, or after `endGraceMs`.
   */
  leave(subscriber: Subscriber, reason: LeaveReason, farewell?: Farewell): void
  /** The subscriber's sink has closed. */
  onSinkClosed(subscriber: Subscriber): void
  /** Removes all subscribers, and destroys each sink that does not close at once. */
  destroyAll(): void
  /** Whether there is no subscriber and no open stream. */
  isEmpty(): boolean
  /** How many subscribers a topic has. */
  subscriberCount(topic: string): number
  /** Bytes that are buffered now for all open streams; what is pending for a group counts once. */
  queuedBytes(): number
}

export interface RegistryParts {
  readonly clock: Clock
  readonly groups: Groups
  readonly counters: HubCounters
  readonly retryMs: number
  readonly endGraceMs: number
  /** A subscriber has left. */
  readonly onLeft: (subscriber: Subscriber) => void
  /** The registry has become empty: see `isEmpty`. */
  readonly onEmpty: () => void
}

interface PendingLeave {
  readonly reason: LeaveReason
  readonly farewell: Farewell
  cancel(): void
}

export function createRegistry(parts: RegistryParts): Registry {
  const { clock, groups, counters, retryMs, endGraceMs, onLeft, onEmpty } = parts
  const all = new Map<Subscriber, readonly TopicRequest[]>()
  const counts = new Map<string, number>()
  const closing = createClosingSinks(clock, endGraceMs, notifyIfEmpty)
  /** Subscribers that leave once they have caught up. */
  const leaving = new Map<Subscriber, PendingLeave>()

  return {
    all,
    add(subscriber, topics) {
      all.set(subscriber, topics)
      counters.subscribers += 1
      subscriber.group.catchingUp.add(subscriber)
      countViewers(subscriber, 1)
    },
    refuse,
    joinGroup(subscriber) {
      const { group, liveFrames = [] } = subscriber
      group.catchingUp.delete(subscriber)
      subscriber.liveFrames = undefined
      subscriber.memberIndex = group.members.push(subscriber) - 1
      deliver(subscriber, liveFrames)
      const due = leaving.get(subscriber)
      if (due) leaveNow(subscriber, due.reason, due.farewell)
    },
    returnToCatchUp(subscriber) {
      removeFromGroup(subscriber)
      subscriber.queue = undefined
      subscriber.group.catchingUp.add(subscriber)
    },
    leave,
    onSinkClosed(subscriber) {
      closing.remove(subscriber.sink)
      leaveNow(subscriber, 'client')
      notifyIfEmpty()
    },
    destroyAll() {
      for (const subscriber of all.keys()) leaveNow(subscriber, 'draining')
      closing.destroyAll()
    },
    isEmpty,
    subscriberCount: (topic) => counts.get(topic) ?? 0,
    queuedBytes() {
      let bytes = closing.bufferedBytes
      for (const subscriber of all.keys()) bytes += bufferedBytesOf(subscriber)
      for (const { pendingBytes } of groups.all) bytes += pendingBytes
      return bytes
    },
  }

  function refuse(sink: Sink, bytes: Uint8Array): LeaveReason {
    let isClosed = false
    sink.open({
      onDrain: () => undefined,
      onClose() {
        isClosed = true
        closing.remove(sink)
        notifyIfEmpty()
      },
    })
    const reason = wasClosed() ? 'client' : 'draining'
    counters.left[reason] += 1
    if (reason === 'client') return reason
    counters.writes += 1
    sink.write(bytes)
    closing.end(sink, { closeConnection: true })
    return reason

    // A function, because the compiler assumes that the variable does not change during the call.
    function wasClosed(): boolean {
      return isClosed
    }
  }

  function leave(
    subscriber: Subscriber,
    reason: LeaveReason,
    farewell: Farewell = { reason, reconnect: shouldReconnect(reason) },
  ): void {
    const isCatchingUp = subscriber.memberIndex < 0
    if (!isCatchingUp || !isWritable(reason) || reason === 'error') {
      leaveNow(subscriber, reason, farewell)
    } else if (!hasLeft(subscriber) && !leaving.has(subscriber)) {
      const cancel = clock.after(endGraceMs, () => leaveNow(subscriber, reason, farewell))
      leaving.set(subscriber, { reason, farewell, cancel })
    }
  }

  function leaveNow(
    subscriber: Subscriber,
    reason: LeaveReason,
    farewell: Farewell = { reason, reconnect: shouldReconnect(reason) },
  ): void {
    if (hasLeft(subscriber)) return
    const { group, sink } = subscriber
    subscriber.left = reason
    leaving.get(subscriber)?.cancel()
    leaving.delete(subscriber)
    if (isWritable(reason)) sendBye(subscriber, farewell)
    all.delete(subscriber)
    counters.subscribers -= 1
    counters.left[reason] += 1
    removeFromGroup(subscriber)
    groups.removeIfEmpty(group)
    countViewers(subscriber, -1)
    subscriber.queue = undefined
    subscriber.liveFrames = undefined

    // After an error the connection itself is sound.
    const closeConnection = farewell.reconnect && reason !== 'error'
    if (isWritable(reason)) closing.end(sink, { closeConnection })
    else if (reason === 'too-slow') sink.destroy()

    subscriber.resolveOutcome(undefined)
    subscriber.resolveLeft(farewell.reason)
    subscriber.onWritable?.()
    onLeft(subscriber)
    notifyIfEmpty()
  }

  /** Sends what is pending for a member, then the last event of the connection. */
  function sendBye(subscriber: Subscriber, { reason, reconnect }: Farewell): void {
    const { group } = subscriber
    if (subscriber.memberIndex >= 0) {
      deliver(subscriber, group.pending)
      flushQueue(subscriber)
    }
    if (group.format === 'plain') return
    const reconnectMs = reconnect ? Math.round(clock.random() * retryMs) : null
    writeText(subscriber, encodeEvent(pack(control, 'downlink.bye', { reason, reconnectMs })))
  }

  function removeFromGroup(subscriber: Subscriber): void {
    const { group, memberIndex } = subscriber
    group.catchingUp.delete(subscriber)
    // The last member takes the free index, so that no other member moves.
    const last = memberIndex >= 0 ? group.members.pop() : undefined
    if (last && last !== subscriber) {
      group.members[memberIndex] = last
      last.memberIndex = memberIndex
    }
    subscriber.memberIndex = -1
  }

  function countViewers(subscriber: Subscriber, by: 1 | -1): void {
    for (const topic of subscriber.group.streams.keys()) {
      const count = (counts.get(topic) ?? 0) + by
      if (count > 0) counts.set(topic, count)
      else counts.delete(topic)
    }
  }

  function notifyIfEmpty(): void {
    if (isEmpty()) onEmpty()
  }

  function isEmpty(): boolean {
    return all.size === 0 && closing.size === 0
  }
}
