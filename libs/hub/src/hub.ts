/** The hub: typed events in, each subscriber's share of them out, in order, once, and bounded. */
import {
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
import { drain, type DrainOptions } from './lifecycle/drain.ts'
import { HubError } from './errors.ts'
import type { EventLog, LogEntry } from './log/event-log.ts'
import { createFanOut } from './delivery/fan-out.ts'
import { createFlushWindow } from './delivery/flush-window.ts'
import { createFrameCache } from './delivery/frame-cache.ts'
import { textBatch, type StreamFormat } from './delivery/frames.ts'
import { createHeartbeat } from './lifecycle/heartbeat.ts'
import {
  join,
  wishOf,
  type JoinContext,
  type RefusedTopic,
  type TopicRequest,
  type Wish,
} from './catch-up/catch-up.ts'
import { createLanes } from './delivery/groups.ts'
import type { LeaveReason } from './lifecycle/leave-reason.ts'
import { createMemoryLog } from './log/memory-log.ts'
import { checkOptions, type HubOptions } from './options.ts'
import { pulse } from './lifecycle/pulse.ts'
import { encodeRefusal } from './lifecycle/refusal.ts'
import { createReporter } from './report.ts'
import { createReplaySlots } from './catch-up/slots.ts'
import { createRoster } from './lifecycle/registry.ts'
import type { Sink } from './delivery/sink.ts'
import { createSources, type Source, type SourceOptions } from './sources/sources.ts'
import {
  bufferedBytesOf,
  createSubscriber,
  drained,
  isGone,
  writeBatch,
  type Home,
  type Subscriber,
} from './delivery/subscriber.ts'

export interface SubscribeRequest {
  readonly sink: Sink
  /** At least one; on the plain format exactly one. */
  readonly topics: readonly TopicRequest[]
  /**
   * Topics that the client asked for too and does not get: each is reported to it with `downlink.refused`. Only on the
   * multiplexed format. Answer a request all of whose topics are refused with 404 or 403 instead.
   */
  readonly refused?: readonly RefusedTopic[]
  /** The id of the last event that the client has; none or an empty one begins anew. */
  readonly lastEventId?: string | undefined
  /** Default `plain`. */
  readonly format?: StreamFormat
}

export interface Subscription {
  /**
   * What became of the last event id, once it is known; undefined where the subscriber left before.
   * On the plain format nothing on the wire tells a gap: only what follows does.
   */
  readonly outcome: Promise<ResumeOutcome | undefined>
  /** Why it left, once it has. Never rejects. */
  readonly left: Promise<LeaveReason>
  /**
   * Sends what is pending, then `downlink.bye` on the multiplexed format, and ends the stream. A subscriber that is
   * still catching up is first given what it misses, for at most `endGraceMs`; after that, the stream ends with
   * its catch-up incomplete. `too-slow` cuts the stream at once, and `error` sends nothing but the bye.
   */
  leave(reason?: Exclude<LeaveReason, 'client'>): void
  /** What this subscriber was given so far. */
  progress(): SubscriptionProgress
}

export interface SubscriptionProgress {
  readonly events: number
  /** Bytes of frames, without HTTP's own. */
  readonly bytes: number
  /** Events of `latest` topics that it was too slow for. */
  readonly dropped: number
  /** Bytes buffered for it now: in its queue, behind its replay, before the next flush, and in its sink. */
  readonly queuedBytes: number
}

export interface PublishOptions {
  /**
   * 1 to 128 characters. A second publish with the key within its lifetime (5 minutes by default, the log decides)
   * stores nothing and resolves with the id of the first, so that a publish whose outcome is unknown can be repeated.
   */
  readonly idempotencyKey?: string
}

export interface Hub {
  /**
   * Validates data, appends the event and fans it out. Resolves with its id once the log keeps it. Never
   * throws synchronously. Rejects with a `ContractError` for an unknown event or data that breaks its
   * schema, with a `HubError` `event-too-large` or `closed`, and with a `LogError` if the log does not store it:
   * `topic-ended` after one of the stream's `finalEvents`.
   *
   * Once 16 KB were published within one turn of the event loop, it resolves after the next turn, so that a loop
   * that awaits each event lets sockets be written; otherwise it waits for the log alone. Events published
   * without `await` are written as soon as 16 KB are pending.
   */
  publish<S extends Stream, E extends EventName<S>>(
    stream: S,
    event: E,
    data: EventInput<S, E>,
    options?: PublishOptions,
  ): Promise<string>
  /**
   * Opens the sink at once: `retry`, a first comment, then what the request asks for. A hub that is closing or
   * closed sends a refusal instead (`encodeRefusal` with `draining`), which has the client come back after about
   * `retryMs`, and ends the stream: such a subscription has `left` as `draining` with an undefined `outcome`.
   *
   * @throws {HubError} `no-topics`, `too-many-topics`, `invalid-option` for `refused` on the plain format.
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
  /** A copy of the counters, and the bytes buffered now: for each stream, and once for each group before its flush. */
  counters(): HubCounters & { readonly queuedBytes: number }
  /** Refuses further subscribers, lets those there are go, and resolves once all streams are closed. */
  close(options?: DrainOptions): Promise<void>
}

/**
 * The most bytes of events that wait for the next flush, beyond one event. Four full writes: splitting a burst at
 * this size adds one turn of the event loop for every 80 events of 200 bytes.
 */
const MAX_PENDING_BYTES = 16_384
/** The share of the longest lifetime that is left to chance. */
const LIFETIME_JITTER = 0.2
/** What a refused reader of the raw stream sees. */
const CLOSING = 'This server is shutting down: come back in a moment.'
/** How far `retry` strays to either side. */
const RETRY_JITTER = 0.25

export function createHub(options: HubOptions = {}): Hub {
  const settings = checkOptions(options)
  const { heartbeatMs, maxQueuedBytes, retryMs, maxEventBytes } = settings
  const clock: Clock = options.clock ?? systemClock
  const log: EventLog = options.log ?? createMemoryLog()
  const onError = createReporter(options.onError)

  const counters = createCounters()
  const lanes = createLanes()
  const roster = createRoster({ ...settings, clock, lanes, counters, onLeft, onEmpty })
  const frames = createFrameCache()
  const replays = createReplaySlots(clock, settings.maxReplays)
  const fanOut = createFanOut(lanes, frames, counters)
  const window = createFlushWindow(clock, settings.maxWindowMs, () => fanOut.flush())
  const heartbeat = createHeartbeat(clock, heartbeatMs, (subscribers) => {
    // The position that is told is then one that every member has been written up to.
    window.flushNow()
    pulse(subscribers, clock.now(), head)
  })
  const sources = createSources(clock, publish, onError)
  const home: Home = { counters, maxQueuedBytes, leave: (...args) => roster.leave(...args) }

  let head: EventId | undefined
  let state: 'open' | 'closing' | 'closed' = 'open'
  let closing: Promise<void> | undefined
  let onClosed: (() => void) | undefined
  let turn: Promise<void> | undefined
  const ready = deferred<undefined>()
  const context: JoinContext = {
    log,
    frames,
    replays,
    clock,
    heartbeatMs,
    ready: ready.promise,
    head: () => head,
    admit: (subscriber) => roster.admit(subscriber),
  }
  const unfollow = log.follow({ onPosition, onEntries })

  return {
    publish,
    subscribe,
    source(stream, run, sourceOptions = {}) {
      if (state !== 'open') throw closedError()
      return sources.add(stream, run, sourceOptions, roster.viewers(stream.topic))
    },
    viewers: ({ topic }) => roster.viewers(topic),
    counters() {
      const { left, resumes } = counters
      const queuedBytes = roster.queuedBytes()
      return { ...counters, left: { ...left }, resumes: { ...resumes }, queuedBytes }
    },
    close,
  }

  async function publish<S extends Stream, E extends EventName<S>>(
    stream: S,
    event: E,
    data: EventInput<S, E>,
    { idempotencyKey }: PublishOptions = {},
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
    // Before the append and not in `onEntries`: what a flush calls may publish, and a log tells one entry at a time.
    if (fanOut.pendingBytes >= MAX_PENDING_BYTES) window.flushNow()
    const { id } = await log.append(
      { topic: stream.topic, ...packed },
      {
        final: stream.finalEvents?.includes(event) === true,
        ...(idempotencyKey !== undefined && { idempotencyKey }),
        ...(stream.history && { history: stream.history }),
      },
    )
    if (fanOut.pendingBytes >= MAX_PENDING_BYTES) await nextTurn()
    return formatEventId(id)
  }

  /** Resolves once the event loop has turned, one promise for all that publish meanwhile. */
  function nextTurn(): Promise<void> {
    turn ??= new Promise((resolve) => {
      clock.soon(() => {
        turn = undefined
        resolve()
      })
    })
    return turn
  }

  function onPosition(newest: EventId): void {
    const first = head === undefined
    head = newest
    ready.resolve(undefined)
    if (first) return
    // What was pending belongs to a history that has ended: everybody is told, and starts anew.
    fanOut.clear()
    frames.clear()
    for (const [subscriber, topics] of roster.all) {
      // One who is still joining sees by itself that the epoch has changed.
      if (subscriber.waiting) continue
      roster.suspend(subscriber)
      bringUpToDate(subscriber, topics, { kind: 'gap', reason: 'unknown-epoch' })
    }
  }

  function onEntries(entries: readonly LogEntry[]): void {
    const newest = entries.at(-1)
    if (!newest || !head) return
    head = { epoch: head.epoch, seq: newest.seq }
    counters.events += entries.length
    window.request(fanOut.take(head.epoch, entries))
  }

  function subscribe(request: SubscribeRequest): Subscription {
    const { sink, topics, refused = [], lastEventId, format = 'plain' } = request
    checkTopics(topics, refused, format)
    if (state !== 'open') return refuse(sink, format)
    const outcome = deferred<ResumeOutcome | undefined>()
    const left = deferred<LeaveReason>()
    const streams = topics.map(({ stream }) => stream)
    const subscriber = createSubscriber({
      home,
      sink,
      lane: lanes.enter(format, streams),
      expiresAtMs: expiry(clock, settings.maxLifetimeMs),
      settleOutcome: outcome.resolve,
      settleLeft: left.resolve,
    })
    roster.enter(subscriber, topics)
    heartbeat.add(subscriber)
    try {
      sink.open({
        onDrain: () => drained(subscriber),
        onClose: () => roster.closed(subscriber),
      })
    } catch (error) {
      // The caller hears of it; what could not be opened is nobody's subscription.
      roster.closed(subscriber)
      throw error
    }
    if (!isGone(subscriber)) {
      writeBatch(subscriber, textBatch(opening()))
      bringUpToDate(subscriber, topics, wishOf(lastEventId), refused)
      // Last, so that what a source says at once is live for this subscriber.
      for (const { topic } of streams) sources.viewersChanged(topic, roster.viewers(topic))
    }
    return {
      outcome: outcome.promise,
      left: left.promise,
      leave: (reason = 'dismissed') => roster.leave(subscriber, reason),
      progress: () => progressOf(subscriber),
    }
  }

  /** What a request gets while the hub closes: a stream that ends, as the response may have no status to set. */
  function refuse(sink: Sink, format: StreamFormat): Subscription {
    const batch = textBatch(
      encodeRefusal({
        format,
        reason: 'draining',
        reconnectMs: jitteredRetryMs(),
        detail: CLOSING,
      }),
    )
    const reason = roster.refuse(sink, batch)
    const bytes = reason === 'client' ? 0 : batch.bytes.length
    return {
      outcome: Promise.resolve(undefined),
      left: Promise.resolve(reason),
      leave: () => undefined,
      progress: () => ({ events: 0, bytes, dropped: 0, queuedBytes: 0 }),
    }
  }

  /** `retry` first, jittered because a server that dies sends all of its clients away at once. */
  function opening(): string {
    return encodeEvent({ retry: jitteredRetryMs() }) + encodeComment('open')
  }

  function jitteredRetryMs(): number {
    return Math.round(retryMs * (1 + RETRY_JITTER * (2 * clock.random() - 1)))
  }

  function bringUpToDate(
    subscriber: Subscriber,
    topics: readonly TopicRequest[],
    wish: Wish,
    refused: readonly RefusedTopic[] = [],
  ): void {
    join(subscriber, topics, wish, refused, context).catch((error: unknown) => {
      onError(error)
      roster.leave(subscriber, 'error')
    })
  }

  function onLeft(subscriber: Subscriber): void {
    heartbeat.remove(subscriber)
    replays.cancel(subscriber)
    for (const topic of subscriber.lane.streams.keys()) {
      sources.viewersChanged(topic, roster.viewers(topic))
    }
  }

  function close(drainOptions: DrainOptions = {}): Promise<void> {
    closing ??= new Promise((resolve) => {
      state = 'closing'
      const cancel = drain(
        clock,
        roster.all.keys(),
        drainOptions,
        (subscriber) => roster.leave(subscriber, 'draining'),
        () => roster.cutAll(),
      )
      onClosed = () => {
        state = 'closed'
        onClosed = undefined
        cancel()
        heartbeat.stop()
        sources.stopAll()
        unfollow()
        resolve()
      }
      if (roster.isEmpty()) onClosed()
    })
    return closing
  }

  function onEmpty(): void {
    onClosed?.()
  }
}

function checkTopics(
  topics: readonly TopicRequest[],
  refused: readonly RefusedTopic[],
  format: StreamFormat,
): void {
  if (topics.length === 0) {
    throw new HubError('no-topics', 'A subscription needs a topic: name at least one.')
  }
  if (format === 'plain' && topics.length > 1) {
    throw new HubError(
      'too-many-topics',
      `A plain stream carries one topic, not ${topics.length}: use the multiplexed format, which names each.`,
      { limit: 1, actual: topics.length },
    )
  }
  if (format === 'plain' && refused.length > 0) {
    throw new HubError(
      'invalid-option',
      'A plain stream cannot report refused topics: answer the request with 404 or 403, or use the multiplexed format.',
      { option: 'refused' },
    )
  }
}

function closedError(): HubError {
  return new HubError('closed', 'This hub is closing: create another one to go on.')
}

/** Each connection lives for 80 to 100 % of the longest lifetime, so that those opened together do not end together. */
function expiry(clock: Clock, maxLifetimeMs: number): number {
  return clock.now() + maxLifetimeMs * (1 - LIFETIME_JITTER * clock.random())
}

function progressOf(subscriber: Subscriber): SubscriptionProgress {
  const { events, bytes, dropped, place, lane } = subscriber
  const pendingBytes = place >= 0 ? lane.pendingBytes : 0
  return { events, bytes, dropped, queuedBytes: bufferedBytesOf(subscriber) + pendingBytes }
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
