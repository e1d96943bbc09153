/** One subscriber: its position, its queue, and how bytes reach its sink. */
import { control, pack, type Health, type ResumeOutcome, type Stream } from '@downlink/protocol'
import { encodeEvent } from '@downlink/protocol/sse'
import type { HubCounters } from '../counters.ts'
import type { LeaveReason } from '../lifecycle/leave-reason.ts'
import type { LogEntry } from '../log/event-log.ts'
import { encodeUtf8 } from '../utf8.ts'
import { joinBytes, joinFrames, type Frame, type StreamFormat } from './frames.ts'
import { createSubscriberQueue, type SubscriberQueue } from './queue.ts'
import type { Sink } from './sink.ts'

/** What all subscribers of a hub share. */
export interface HubContext {
  readonly counters: HubCounters
  readonly maxQueuedBytes: number
  leave(subscriber: Subscriber, reason: LeaveReason): void
}

/** Subscribers that receive the same bytes: one format, and contracts with the same events. */
export interface SubscriberGroup {
  readonly key: string
  readonly format: StreamFormat
  /** The contracts by topic. */
  readonly streams: ReadonlyMap<string, Stream>
  /** The subscribers that are up to date and receive live events. */
  readonly members: Subscriber[]
  /** The subscribers that are still catching up. */
  readonly catchingUp: Set<Subscriber>
  /** What the next flush writes. */
  pending: Frame[]
  /** The bytes of `pending`. */
  pendingBytes: number
}

/** A record without closures, because thousands of subscribers are idle at any time. */
export interface Subscriber {
  readonly context: HubContext
  readonly sink: Sink
  readonly group: SubscriberGroup
  readonly expiresAtMs: number
  /** Its index in the members of its group; -1 while it is catching up. */
  memberIndex: number
  /** Its slice of the heartbeat. */
  slice: number
  /** The newest seq that was handed to it, or that its topics do not contain. */
  cursor: number
  /** The sink has asked the hub to wait; only then does the queue hold anything. */
  blocked: boolean
  queue: SubscriberQueue | undefined
  /** Live frames that wait for the end of its catch-up; undefined once it is a member. */
  liveFrames: Frame[] | undefined
  /** The bytes of those, as of the last one added: see `liveBytesOf`. */
  liveBytes: number
  /** `liveFrames` went over its limit during the catch-up: its events are read from the log instead. */
  liveOverflowed: boolean
  /** The last state that `downlink.health` told the client. */
  health: Health['state']
  /** Called when the sink accepts bytes again, while the catch-up waits for that. */
  onWritable: (() => void) | undefined
  endedTopics: Set<string> | undefined
  left: LeaveReason | undefined
  events: number
  bytes: number
  dropped: number
  readonly resolveOutcome: (outcome: ResumeOutcome | undefined) => void
  readonly resolveLeft: (reason: string) => void
}

type SubscriberParts = Pick<
  Subscriber,
  'context' | 'sink' | 'group' | 'expiresAtMs' | 'resolveOutcome' | 'resolveLeft'
>

/** A subscriber that has yet to catch up: live events wait for it from now on. */
export function createSubscriber(parts: SubscriberParts): Subscriber {
  const { context, sink, group, expiresAtMs, resolveOutcome, resolveLeft } = parts
  return {
    context,
    sink,
    group,
    expiresAtMs,
    memberIndex: -1,
    slice: 0,
    cursor: 0,
    blocked: false,
    queue: undefined,
    liveFrames: [],
    liveBytes: 0,
    liveOverflowed: false,
    health: 'ok',
    onWritable: undefined,
    endedTopics: undefined,
    left: undefined,
    events: 0,
    bytes: 0,
    dropped: 0,
    resolveOutcome,
    resolveLeft,
  }
}

/** Whether it has left. A function, because the compiler assumes that `left` does not change during calls. */
export function hasLeft(subscriber: Subscriber): boolean {
  return subscriber.left !== undefined
}

/** The bytes of `liveFrames`; the catch-up empties that list when it starts. */
export function liveBytesOf({ liveFrames, liveBytes }: Subscriber): number {
  return liveFrames === undefined || liveFrames.length === 0 ? 0 : liveBytes
}

/** Bytes buffered for this subscriber alone: its queue, the live frames behind its catch-up, and its sink. */
export function bufferedBytesOf(subscriber: Subscriber): number {
  const { queue, sink } = subscriber
  return (queue?.bytes ?? 0) + liveBytesOf(subscriber) + sink.bufferedBytes
}

/** The sink accepts bytes again. */
export function onDrain(subscriber: Subscriber): void {
  if (!subscriber.blocked || hasLeft(subscriber)) return
  subscriber.blocked = false
  const { onWritable } = subscriber
  subscriber.onWritable = undefined
  if (onWritable) onWritable()
  else flushQueue(subscriber)
}

/** Queues the frames that the subscriber does not have yet, and writes them unless its sink is blocked. */
export function deliver(subscriber: Subscriber, frames: readonly Frame[]): void {
  const { group, context } = subscriber
  subscriber.queue ??= createSubscriberQueue(group.streams, context.maxQueuedBytes)
  let fits = true
  for (const frame of frames) {
    if (frame.entry.seq <= subscriber.cursor) continue
    subscriber.cursor = frame.entry.seq
    noteFinalEvent(subscriber, frame.entry)
    // A subscriber with an empty queue accepts one flush whole.
    fits = subscriber.queue.push(frame) || !subscriber.blocked
    if (!fits) break
  }
  if (!fits) context.leave(subscriber, 'too-slow')
  else if (!subscriber.blocked) flushQueue(subscriber)
}

/** Writes the queue in one write, and removes a subscriber whose topics have all ended. */
export function flushQueue(subscriber: Subscriber): void {
  const { queue, group, context } = subscriber
  if (queue) {
    const { frames, dropped } = queue.take()
    subscriber.queue = undefined
    let notice = ''
    for (const [topic, count] of dropped) {
      subscriber.dropped += count
      context.counters.dropped += count
      if (group.format === 'multiplexed') {
        notice += encodeEvent(pack(control, 'downlink.dropped', { topic, count }))
      }
    }
    if (notice !== '') {
      write(subscriber, joinBytes([encodeUtf8(notice), joinFrames(frames)]), frames.length)
    } else if (frames.length > 0) write(subscriber, joinFrames(frames), frames.length)
  }
  if (subscriber.endedTopics?.size === group.streams.size && !subscriber.blocked) {
    context.leave(subscriber, 'ended')
  }
}

/** Writes once; the sink's result decides whether the next write has to wait. */
export function write(subscriber: Subscriber, bytes: Uint8Array, events = 0): void {
  const { counters } = subscriber.context
  counters.writes += 1
  counters.deliveries += events
  subscriber.events += events
  subscriber.bytes += bytes.length
  if (!subscriber.sink.write(bytes)) subscriber.blocked = true
}

/** Writes control events, comments or `retry`. */
export function writeText(subscriber: Subscriber, text: string): void {
  write(subscriber, encodeUtf8(text))
}

/** Tells a client on the multiplexed format whether the log can be reached, unless it knows. Blocked ones are told later. */
export function writeHealth(subscriber: Subscriber, state: Health['state']): void {
  if (subscriber.health === state || subscriber.blocked) return
  if (subscriber.group.format === 'plain') return
  subscriber.health = state
  writeText(subscriber, encodeEvent(pack(control, 'downlink.health', { state })))
}

/** Remembers that the subscriber has the final event of a topic. */
export function noteFinalEvent(subscriber: Subscriber, entry: LogEntry): void {
  if (!isFinal(subscriber.group, entry)) return
  subscriber.endedTopics ??= new Set()
  subscriber.endedTopics.add(entry.topic)
}

/** Whether the group's contracts contain the event. */
export function carries({ streams }: SubscriberGroup, { topic, event }: LogEntry): boolean {
  const stream = streams.get(topic)
  return stream !== undefined && Object.hasOwn(stream.events, event)
}

/** Whether an event ends its topic. */
export function isFinal({ streams }: SubscriberGroup, { topic, event }: LogEntry): boolean {
  return streams.get(topic)?.finalEvents?.includes(event) ?? false
}
