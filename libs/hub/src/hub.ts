/** The hub: typed events in, each subscriber's share of them out, in order, once, and bounded. */
import {
  control,
  formatEventId,
  pack,
  type EventId,
  type EventInput,
  type EventName,
  type ResumeOutcome,
  type Stream,
} from '@downlink/protocol'
import { encodeComment, encodeEvent } from '@downlink/protocol/sse'
import { systemClock, type Clock } from './clock.ts'
import { createCounters, type HubCounters } from './counters.ts'
import { drain, type DrainOptions } from './drain.ts'
import { HubError } from './errors.ts'
import type { EventLog, LogEntry } from './event-log.ts'
import { createFanOut } from './fan-out.ts'
import { createFlushWindow } from './flush-window.ts'
import { commentBatch, textBatch, type Batch, type Face } from './frame.ts'
import { createHeartbeat } from './heartbeat.ts'
import { join, wishOf, type TopicRequest, type Wish } from './join.ts'
import { createLanes } from './lane.ts'
import { comesBack, type LeaveReason } from './leave-reason.ts'
import { createMemoryLog } from './memory-log.ts'
import { checkOptions, type HubOptions } from './options.ts'
import type { Sink } from './sink.ts'
import { createSources, type Source, type SourceOptions } from './sources.ts'
import { deliver, flushQueue, writeBatch, type Home, type Subscriber } from './subscriber.ts'

export interface SubscribeRequest {
  readonly sink: Sink
  /** At least one; on the plain face exactly one. */
  readonly topics: readonly TopicRequest[]
  /** The id of the last event that the client has; none or an empty one begins anew. */
  readonly lastEventId?: string | undefined
  /** Default `plain`. */
  readonly face?: Face
}

export interface Subscription {
  /**
   * What became of the last event id, once it is known; undefined where the subscriber left before.
   * On the plain face nothing on the wire tells a gap: only what follows does.
   */
  readonly outcome: Promise<ResumeOutcome | undefined>
  /** Why it left, once it has. Never rejects. */
  readonly left: Promise<LeaveReason>
  /** Sends what is pending, says bye where the face allows, and ends the stream. */
  leave(reason?: LeaveReason): void
  /** What this subscriber was given so far. */
  progress(): SubscriptionProgress
}

export interface SubscriptionProgress {
  readonly events: number
  /** Bytes of frames, without HTTP's own. */
  readonly bytes: number
  /** Events of `latest` topics that it was too slow for. */
  readonly dropped: number
  /** Bytes that wait for it in the hub now. */
  readonly queuedBytes: number
}

export interface Hub {
  /**
   * Validates data, appends the event and fans it out. Resolves with its id once the log keeps it.
   *
   * @throws {ContractError} for an unknown event or data that breaks its schema.
   * @throws {HubError} `event-too-large`, `closed`.
   */
  publish<S extends Stream, E extends EventName<S>>(
    stream: S,
    event: E,
    data: EventInput<S, E>,
  ): Promise<string>
  /**
   * Opens the sink at once: `retry`, a first comment, then what the request asks for.
   *
   * @throws {HubError} `no-topics`, `too-many-topics`, `closed`.
   */
  subscribe(request: SubscribeRequest): Subscription
  /**
   * Runs a source while its topic has subscribers; returns how to remove it, which stops it.
   *
   * @throws {HubError} `source-exists`, `closed`.
   */
  source<S extends Stream>(stream: S, source: Source<S>, options?: SourceOptions): () => void
  /** How many subscribe to a topic now. */
  viewers(stream: Stream): number
  /** A copy of the counters, and what waits in all queues now. */
  counters(): HubCounters & { readonly queuedBytes: number }
  /** Takes no more subscribers, lets those there are go, and resolves once all streams are closed. */
  close(options?: DrainOptions): Promise<void>
}

/** The share of the longest lifetime that is left to chance. */
const LIFETIME_JITTER = 0.2
const RETRY_JITTER = 0.25

export function createHub(options: HubOptions = {}): Hub {
  const settings = checkOptions(options)
  const { heartbeatMs, maxQueuedBytes, maxLifetimeMs, retryMs, maxEventBytes, endGraceMs } =
    settings
  const clock: Clock = options.clock ?? systemClock
  const log: EventLog = options.log ?? createMemoryLog()
  const onError = options.onError ?? ignoreError

  const counters = createCounters()
  const lanes = createLanes()
  const fanOut = createFanOut(lanes, counters)
  const window = createFlushWindow(clock, settings.maxWindowMs, () => fanOut.flush())
  const heartbeat = createHeartbeat(clock, heartbeatMs, beat)
  const sources = createSources(clock, publish, onError)
  const subscribers = new Map<Subscriber, readonly TopicRequest[]>()
  /** Left and ended, but with bytes still under way; when each was ended. */
  const lingering = new Map<Subscriber, number>()
  const viewers = new Map<string, number>()
  const home: Home = { counters, maxQueuedBytes, leave }
  const plainBeat = commentBatch('')

  let head: EventId | undefined
  let state: 'open' | 'closing' | 'closed' = 'open'
  let closed: Promise<void> | undefined
  let cancelCut: (() => void) | undefined
  let onEmpty: (() => void) | undefined
  const ready = deferred<undefined>()
  const context = {
    log,
    heartbeatMs,
    ready: ready.promise,
    admit,
    head: () => head,
    dateMs: () => clock.dateMs(),
  }
  const unfollow = log.follow({ onPosition, onEntries })

  return { publish, subscribe, source, viewers: viewersOf, counters: snapshot, close }

  function publish<S extends Stream, E extends EventName<S>>(
    stream: S,
    event: E,
    data: EventInput<S, E>,
  ): Promise<string> {
    if (state === 'closed') throw closedError()
    const packed = pack(stream, event, data)
    const size = Buffer.byteLength(packed.data)
    if (size > maxEventBytes) {
      throw new HubError(
        'event-too-large',
        `${stream.topic} cannot publish ${event}: ${size} bytes are over maxEventBytes, ${maxEventBytes}. Send a reference instead, or raise it.`,
        { topic: stream.topic, limit: maxEventBytes, actual: size },
      )
    }
    return log.append({ topic: stream.topic, ...packed }).then(formatEventId)
  }

  function onPosition(newest: EventId): void {
    const first = head === undefined
    head = newest
    ready.resolve(undefined)
    if (first) return
    // What was pending belongs to a history that has ended: everybody is told, and starts anew.
    fanOut.clear()
    for (const [subscriber, requests] of subscribers) {
      if (subscriber.waiting) continue
      removeFromLane(subscriber)
      subscriber.lane.joining.add(subscriber)
      bringUpToDate(subscriber, requests, { kind: 'gap', reason: 'unknown-epoch' })
    }
  }

  function onEntries(entries: readonly LogEntry[]): void {
    const newest = entries.at(-1)
    if (!newest) return
    const epoch = head?.epoch ?? ''
    head = { epoch, seq: newest.seq }
    counters.events += entries.length
    fanOut.take(epoch, entries)
    window.request()
  }

  function subscribe(request: SubscribeRequest): Subscription {
    const { sink, topics, lastEventId, face = 'plain' } = request
    checkTopics(topics, face)
    if (state !== 'open') throw closedError()
    const outcome = deferred<ResumeOutcome | undefined>()
    const left = deferred<LeaveReason>()
    const streams = topics.map(({ stream }) => stream)
    const subscriber: Subscriber = {
      home,
      sink,
      lane: lanes.enter(face, streams),
      expiresAtMs: clock.now() + maxLifetimeMs * (1 - LIFETIME_JITTER * clock.random()),
      place: -1,
      slice: 0,
      cursor: 0,
      blocked: false,
      queue: undefined,
      waiting: [],
      missed: false,
      onRoom: undefined,
      endedTopics: undefined,
      left: undefined,
      events: 0,
      bytes: 0,
      dropped: 0,
      settleOutcome: outcome.resolve,
      settleLeft: left.resolve,
    }
    enter(subscriber, topics)
    sink.open({ onDrain: () => drained(subscriber), onClose: () => gone(subscriber) })
    if (!isGone(subscriber)) {
      writeBatch(subscriber, textBatch(opening()))
      bringUpToDate(subscriber, topics, wishOf(lastEventId))
      // Last, so that what a source says at once is live for this subscriber.
      for (const { topic } of streams) sources.viewersChanged(topic, viewers.get(topic) ?? 0)
    }
    return {
      outcome: outcome.promise,
      left: left.promise,
      leave: (reason = 'dismissed') => leave(subscriber, reason),
      progress: () => ({
        events: subscriber.events,
        bytes: subscriber.bytes,
        dropped: subscriber.dropped,
        queuedBytes: subscriber.queue?.bytes ?? 0,
      }),
    }
  }

  function enter(subscriber: Subscriber, topics: readonly TopicRequest[]): void {
    subscribers.set(subscriber, topics)
    subscriber.lane.joining.add(subscriber)
    counters.subscribers += 1
    heartbeat.add(subscriber)
    for (const topic of subscriber.lane.streams.keys()) {
      viewers.set(topic, (viewers.get(topic) ?? 0) + 1)
    }
  }

  /** `retry` first, jittered because a server that dies sends all of its clients away at once. */
  function opening(): string {
    const retry = Math.round(retryMs * (1 + RETRY_JITTER * (2 * clock.random() - 1)))
    return encodeEvent({ retry }) + encodeComment('open')
  }

  function bringUpToDate(
    subscriber: Subscriber,
    topics: readonly TopicRequest[],
    wish: Wish,
  ): void {
    join(subscriber, topics, wish, context).catch((error: unknown) => {
      onError(error)
      leave(subscriber, 'error')
    })
  }

  function admit(subscriber: Subscriber): void {
    const { lane } = subscriber
    lane.joining.delete(subscriber)
    subscriber.waiting = undefined
    subscriber.place = lane.members.push(subscriber) - 1
  }

  function removeFromLane(subscriber: Subscriber): void {
    const { lane, place } = subscriber
    lane.joining.delete(subscriber)
    const last = place >= 0 ? lane.members.pop() : undefined
    if (last && last !== subscriber) {
      lane.members[place] = last
      last.place = place
    }
    subscriber.place = -1
  }

  function drained(subscriber: Subscriber): void {
    if (!subscriber.blocked || isGone(subscriber)) return
    subscriber.blocked = false
    const { onRoom } = subscriber
    subscriber.onRoom = undefined
    if (onRoom) onRoom()
    else flushQueue(subscriber)
  }

  /** The sink has closed. */
  function gone(subscriber: Subscriber): void {
    lingering.delete(subscriber)
    leave(subscriber, 'client')
    settleIfEmpty()
  }

  function leave(subscriber: Subscriber, reason: LeaveReason): void {
    if (isGone(subscriber)) return
    const { lane, sink } = subscriber
    subscriber.left = reason
    const politely = reason !== 'client' && reason !== 'too-slow'
    if (politely) sayBye(subscriber, reason)
    removeFromLane(subscriber)
    lanes.tidy(lane)
    subscribers.delete(subscriber)
    heartbeat.remove(subscriber)
    subscriber.queue = undefined
    subscriber.waiting = undefined
    counters.subscribers -= 1
    counters.left[reason] += 1

    if (politely) {
      lingering.set(subscriber, clock.now())
      cancelCut ??= clock.after(endGraceMs, cutLingering)
      sink.end(reason === 'draining' || reason === 'lifetime')
    } else if (reason === 'too-slow') sink.destroy()

    subscriber.settleOutcome(undefined)
    subscriber.settleLeft(reason)
    subscriber.onRoom?.()
    for (const topic of lane.streams.keys()) {
      const count = (viewers.get(topic) ?? 1) - 1
      if (count > 0) viewers.set(topic, count)
      else viewers.delete(topic)
      sources.viewersChanged(topic, count)
    }
    settleIfEmpty()
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

  function cutLingering(): void {
    cancelCut = undefined
    const oldestMs = clock.now() - endGraceMs
    for (const [subscriber, endedMs] of lingering) {
      if (endedMs > oldestMs) {
        cancelCut = clock.after(endedMs - oldestMs, cutLingering)
        return
      }
      lingering.delete(subscriber)
      subscriber.sink.destroy()
    }
    settleIfEmpty()
  }

  function beat(slice: Iterable<Subscriber>): void {
    // The position told is then one that every member has been written up to.
    window.flushNow()
    const nowMs = clock.now()
    let position: Batch | undefined
    for (const subscriber of slice) {
      if (nowMs >= subscriber.expiresAtMs) leave(subscriber, 'lifetime')
      else if (subscriber.blocked) continue
      else if (subscriber.lane.face === 'plain' || subscriber.waiting || !head) {
        writeBatch(subscriber, plainBeat)
      } else {
        // An id without data moves the client's last event id: one whose topics are quiet stays
        // resumable. https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage
        position ??= textBatch(encodeComment('') + encodeEvent({ id: formatEventId(head) }))
        writeBatch(subscriber, position)
      }
    }
  }

  function source<S extends Stream>(
    stream: S,
    run: Source<S>,
    sourceOptions: SourceOptions = {},
  ): () => void {
    if (state !== 'open') throw closedError()
    return sources.add(stream, run, sourceOptions, viewersOf(stream))
  }

  function viewersOf({ topic }: Stream): number {
    return viewers.get(topic) ?? 0
  }

  function snapshot(): HubCounters & { readonly queuedBytes: number } {
    let queuedBytes = 0
    for (const subscriber of subscribers.keys()) queuedBytes += subscriber.queue?.bytes ?? 0
    return {
      ...counters,
      left: { ...counters.left },
      resumes: { ...counters.resumes },
      queuedBytes,
    }
  }

  function close(drainOptions: DrainOptions = {}): Promise<void> {
    closed ??= new Promise((resolve) => {
      state = 'closing'
      const cancel = drain(
        clock,
        subscribers.keys(),
        drainOptions,
        (subscriber) => leave(subscriber, 'draining'),
        cutAll,
      )
      onEmpty = () => {
        state = 'closed'
        onEmpty = undefined
        cancel()
        cancelCut?.()
        heartbeat.stop()
        sources.stopAll()
        unfollow()
        resolve()
      }
      settleIfEmpty()
    })
    return closed
  }

  function cutAll(): void {
    for (const subscriber of subscribers.keys()) leave(subscriber, 'draining')
    for (const subscriber of lingering.keys()) {
      lingering.delete(subscriber)
      subscriber.sink.destroy()
    }
    settleIfEmpty()
  }

  function settleIfEmpty(): void {
    if (subscribers.size === 0 && lingering.size === 0) onEmpty?.()
  }
}

function checkTopics(topics: readonly TopicRequest[], face: Face): void {
  if (topics.length === 0) {
    throw new HubError('no-topics', 'A subscription needs a topic: name at least one.')
  }
  if (face === 'plain' && topics.length > 1) {
    throw new HubError(
      'too-many-topics',
      `A plain stream carries one topic, not ${topics.length}: use the multiplexed face, which names each.`,
      { limit: 1, actual: topics.length },
    )
  }
}

function closedError(): HubError {
  return new HubError('closed', 'This hub is closing: create another one to go on.')
}

/** A function, because the type of `left` is narrowed past calls that set it. */
function isGone(subscriber: Subscriber): boolean {
  return subscriber.left !== undefined
}

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
}

function deferred<T>(): Deferred<T> {
  let resolve: Deferred<T>['resolve'] = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

function ignoreError(): void {
  // Whoever wants to know passes `onError`.
}
