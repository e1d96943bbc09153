/** One reader: how far it has got, what waits for it, and how bytes reach it. */
import { control, pack, type ResumeOutcome } from '@downlink/protocol'
import { encodeEvent } from '@downlink/protocol/sse'
import type { HubCounters } from '../counters.ts'
import type { LogEntry } from '../log/event-log.ts'
import { batchOf, textBatch, type Batch, type Frame } from './frames.ts'
import { isLast, type Lane } from './groups.ts'
import type { LeaveReason } from '../lifecycle/leave-reason.ts'
import { createReaderQueue, type ReaderQueue } from './queue.ts'
import type { Sink } from './sink.ts'

/** What all subscribers of a hub share. */
export interface Home {
  readonly counters: HubCounters
  readonly maxQueuedBytes: number
  leave(subscriber: Subscriber, reason: LeaveReason): void
}

/** A record and not a closure each: thousands of them are idle at any time. */
export interface Subscriber {
  readonly home: Home
  readonly sink: Sink
  readonly lane: Lane
  readonly expiresAtMs: number
  /** Its index among the lane's members; -1 while it is not one of them. */
  place: number
  /** Its slice of the heartbeat. */
  slice: number
  /** The newest seq that was handed to it or that does not concern it. */
  cursor: number
  /** The sink has asked to wait; only then is anything in the queue. */
  blocked: boolean
  queue: ReaderQueue | undefined
  /** Live frames that wait behind its replay; undefined once it is a member. */
  waiting: Frame[] | undefined
  /** The length of those, as of the last one added: see `waitingBytesOf`. */
  waitingBytes: number
  /** More came than may wait behind the replay: the log is read once more instead. */
  missed: boolean
  /** Called when the sink takes bytes again, while a replay waits for that. */
  onRoom: (() => void) | undefined
  endedTopics: Set<string> | undefined
  left: LeaveReason | undefined
  events: number
  bytes: number
  dropped: number
  readonly settleOutcome: (outcome: ResumeOutcome | undefined) => void
  readonly settleLeft: (reason: LeaveReason) => void
}

type Given = Pick<
  Subscriber,
  'home' | 'sink' | 'lane' | 'expiresAtMs' | 'settleOutcome' | 'settleLeft'
>

/** One who is still to be brought up to date: what comes from now on waits for it. */
export function createSubscriber(given: Given): Subscriber {
  const { home, sink, lane, expiresAtMs, settleOutcome, settleLeft } = given
  return {
    home,
    sink,
    lane,
    expiresAtMs,
    place: -1,
    slice: 0,
    cursor: 0,
    blocked: false,
    queue: undefined,
    waiting: [],
    waitingBytes: 0,
    missed: false,
    onRoom: undefined,
    endedTopics: undefined,
    left: undefined,
    events: 0,
    bytes: 0,
    dropped: 0,
    settleOutcome,
    settleLeft,
  }
}

/** Whether it has left. A function, because the compiler takes `left` for unchanged by the calls between. */
export function isGone(subscriber: Subscriber): boolean {
  return subscriber.left !== undefined
}

/** Bytes of the frames that wait behind its replay, which empties the list when it starts. */
export function waitingBytesOf({ waiting, waitingBytes }: Subscriber): number {
  return waiting === undefined || waiting.length === 0 ? 0 : waitingBytes
}

/** Bytes buffered for this subscriber alone: its queue, what waits behind its replay, and what its sink holds. */
export function bufferedBytesOf(subscriber: Subscriber): number {
  const { queue, sink } = subscriber
  return (queue?.bytes ?? 0) + waitingBytesOf(subscriber) + sink.bufferedBytes
}

/** The sink takes bytes again. */
export function drained(subscriber: Subscriber): void {
  if (!subscriber.blocked || isGone(subscriber)) return
  subscriber.blocked = false
  const { onRoom } = subscriber
  subscriber.onRoom = undefined
  if (onRoom) onRoom()
  else flushQueue(subscriber)
}

/** Hands frames to a reader at whatever pace it has; those it has had already are left out. */
export function deliver(subscriber: Subscriber, frames: readonly Frame[]): void {
  const { lane, home } = subscriber
  subscriber.queue ??= createReaderQueue(lane.streams, home.maxQueuedBytes)
  let fits = true
  for (const frame of frames) {
    if (frame.entry.seq <= subscriber.cursor) continue
    subscriber.cursor = frame.entry.seq
    noteEnd(subscriber, frame.entry)
    // What one tick brings is taken whole by a reader for whom nothing waits.
    fits = subscriber.queue.push(frame) || !subscriber.blocked
    if (!fits) break
  }
  if (!fits) home.leave(subscriber, 'too-slow')
  else if (!subscriber.blocked) flushQueue(subscriber)
}

/** Writes all that waits, in one write, and lets a reader go whose topics have all ended. */
export function flushQueue(subscriber: Subscriber): void {
  const { queue, lane, home } = subscriber
  if (queue) {
    const { frames, dropped } = queue.take()
    subscriber.queue = undefined
    let notice = ''
    for (const [topic, count] of dropped) {
      subscriber.dropped += count
      home.counters.dropped += count
      if (lane.format === 'multiplexed') {
        notice += encodeEvent(pack(control, 'downlink.dropped', { topic, count }))
      }
    }
    if (notice !== '') writeBatch(subscriber, textBatch(notice + textOf(frames)), frames.length)
    else if (frames.length > 0) writeBatch(subscriber, batchOf(frames), frames.length)
  }
  if (subscriber.endedTopics?.size === lane.streams.size && !subscriber.blocked) {
    home.leave(subscriber, 'ended')
  }
}

/** Writes one batch; the sink's answer decides whether the next has to wait. */
export function writeBatch(subscriber: Subscriber, batch: Batch, events = 0): void {
  const { counters } = subscriber.home
  counters.writes += 1
  counters.deliveries += events
  subscriber.events += events
  subscriber.bytes += batch.bytes.length
  if (!subscriber.sink.write(batch)) subscriber.blocked = true
}

/** Remembers that a topic has sent its last event to this reader. */
export function noteEnd(subscriber: Subscriber, entry: LogEntry): void {
  if (!isLast(subscriber.lane, entry)) return
  subscriber.endedTopics ??= new Set()
  subscriber.endedTopics.add(entry.topic)
}

function textOf(frames: readonly Frame[]): string {
  return frames.map((frame) => frame.text).join('')
}
