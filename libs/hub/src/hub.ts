/** The hub: typed events in; each subscriber's events out, in order, once, and with limited memory. */
import {
  formatEventId,
  pack,
  type Clock,
  type EventId,
  type EventInput,
  type EventName,
  type Health,
  type ResumeOutcome,
  type Stream,
} from '@downlink/protocol'
import { encodeComment, encodeEvent } from '@downlink/protocol/sse'
import type { CatchUpContext } from './catch-up/attempt.ts'
import { catchUp } from './catch-up/catch-up.ts'
import { parseResumePoint, type ResumePoint } from './catch-up/resume-point.ts'
import { createCatchUpSlots } from './catch-up/slots.ts'
import type { RefusedTopic, TopicRequest } from './catch-up/topic-request.ts'
import { afterTick as systemAfterTick, systemClock } from './clock.ts'
import { createCounters, type HubCounters } from './counters.ts'
import { createDeferred } from './deferred.ts'
import { createFanOut } from './delivery/fan-out.ts'
import { createFlushWindow } from './delivery/flush-window.ts'
import { createFrameCache } from './delivery/frame-cache.ts'
import type { StreamFormat } from './delivery/frames.ts'
import { createGroups } from './delivery/groups.ts'
import type { Sink } from './delivery/sink.ts'
import {
  createSubscriber,
  hasLeft,
  onDrain,
  writeHealth,
  writeText,
  type HubContext,
  type Subscriber,
} from './delivery/subscriber.ts'
import { HubError } from './errors.ts'
import { drain, type DrainOptions } from './lifecycle/drain.ts'
import { createHeartbeat, sendHeartbeats } from './lifecycle/heartbeat.ts'
import { farewellOf } from './lifecycle/leave-reason.ts'
import { encodeRefusal } from './lifecycle/refusal.ts'
import { createRegistry } from './lifecycle/registry.ts'
import type { EventLog, LogEntry } from './log/event-log.ts'
import { createMemoryLog } from './log/memory-log.ts'
import { normalizeOptions, type HubOptions } from './options.ts'
import { createReporter } from './report.ts'
import { createSources, type Source, type SourceOptions } from './sources/sources.ts'
import {
  checkRequest,
  progressOf,
  type SubscribeRequest,
  type Subscription,
} from './subscription.ts'
import { encodeUtf8, utf8Length } from './utf8.ts'

export interface PublishOptions {
  /**
   * 1 to 128 characters. A second publish with the key within its lifetime (5 minutes by default, the log decides)
   * stores nothing and resolves with the id of the first, so that a publish whose outcome is unknown can be repeated.
   */
  readonly idempotencyKey?: string
}

export interface Hub {
  /**
   * Validates the data, appends the event to the log and sends it to the subscribers. Resolves with its id once the log
   * keeps it. Never throws synchronously. Rejects with a `ContractError` for an unknown event or data that its schema
   * rejects, with a `HubError` `event-too-large` or `closed`, and with a `LogError` if the log does not store it:
   * `topic-ended` after one of the stream's `finalEvents`.
   *
   * If more than 16 KB are pending, it resolves after the next tick, so that a loop that awaits each event lets sockets
   * be written. Otherwise it waits for the log alone. Events published without `await` are written as soon as 16 KB are
   * pending.
   */
  publish<S extends Stream, E extends EventName<S>>(
    stream: S,
    event: E,
    data: EventInput<S, E>,
    options?: PublishOptions,
  ): Promise<string>
  /**
   * Opens the sink at once and sends `retry` and a first comment, then what the request asks for. A hub that is closing
   * or closed sends a refusal instead (`encodeRefusal` with `draining`), which makes the client reconnect after about
   * `retryMs`, and ends the stream: such a subscription has `left` as `draining` with an undefined `outcome`.
   *
   * @throws {HubError} `no-topics`, `too-many-topics`, `invalid-option` for `refused` on the plain format.
   */
  subscribe(request: SubscribeRequest): Subscription
  /**
   * Runs a source while its topic has subscribers. The returned function stops and removes it.
   *
   * @throws {HubError} `source-exists`, `closed`.
   */
  source<S extends Stream>(stream: S, source: Source<S>, options?: SourceOptions): () => void
  /** How many subscribers a topic has now. */
  subscriberCount(stream: Stream): number
  /** A copy of the counters, and the bytes buffered now: for each stream, and once per group before its flush. */
  counters(): HubCounters & { readonly queuedBytes: number }
  /** Refuses new subscribers, ends the streams of the others, and resolves once all streams are closed. */
  close(options?: DrainOptions): Promise<void>
}

/**
 * The most bytes of events that wait for the next flush, in addition to one event. Four full writes: splitting a burst
 * at this size adds one tick of the event loop per 80 events of 200 bytes.
 */
const MAX_PENDING_BYTES = 16_384
/** Each lifetime is reduced by up to this share, so that connections opened together do not end together. */
const LIFETIME_JITTER = 0.2
/** Each `retry` differs by up to this share in either direction. */
const RETRY_JITTER = 0.25
const CLOSING_DETAIL = 'The server is shutting down. Reconnect in a moment.'

export function createHub(options: HubOptions = {}): Hub {
  const settings = normalizeOptions(options)
  const { heartbeatMs, maxQueuedBytes, maxLifetimeMs, retryMs, maxEventBytes } = settings
  const clock: Clock = options.clock ?? systemClock
  const afterTick = options.afterTick ?? systemAfterTick
  const log: EventLog = options.log ?? createMemoryLog()
  const onError = createReporter(options.onError)

  const counters = createCounters()
  const groups = createGroups()
  const registry = createRegistry({ ...settings, clock, groups, counters, onLeft, onEmpty })
  const frames = createFrameCache()
  const slots = createCatchUpSlots(afterTick, settings.maxCatchUps)
  const fanOut = createFanOut(groups, frames, counters)
  const window = createFlushWindow(clock, afterTick, settings.maxWindowMs, () => fanOut.flush())
  const heartbeat = createHeartbeat(clock, heartbeatMs, (subscribers) => {
    // Every member has then been written up to the position that the heartbeat sends.
    window.flushNow()
    sendHeartbeats(subscribers, clock.now(), head, health)
  })
  const sources = createSources(clock, publish, onError)
  const context: HubContext = {
    counters,
    maxQueuedBytes,
    leave: (subscriber, reason) => registry.leave(subscriber, reason),
  }

  let head: EventId | undefined
  let health: Health['state'] = 'ok'
  let state: 'open' | 'closing' | 'closed' = 'open'
  let closing: Promise<void> | undefined
  let onClosed: (() => void) | undefined
  let nextTick: Promise<void> | undefined
  const ready = createDeferred<undefined>()
  const catchUpContext: CatchUpContext = {
    log,
    frames,
    slots,
    afterTick,
    heartbeatMs,
    ready: ready.promise,
    head: () => head,
    health: () => health,
    joinGroup: (subscriber) => registry.joinGroup(subscriber),
  }
  const unfollow = log.follow({ onPosition, onEntries, onState })

  return {
    publish,
    subscribe,
    source(stream, run, sourceOptions = {}) {
      if (state !== 'open') throw closedError()
      return sources.add(stream, run, sourceOptions, registry.subscriberCount(stream.topic))
    },
    subscriberCount: ({ topic }) => registry.subscriberCount(topic),
    counters() {
      const { left, resumes } = counters
      const queuedBytes = registry.queuedBytes()
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
    const size = utf8Length(packed.data)
    if (size > maxEventBytes) {
      throw new HubError(
        'event-too-large',
        `${stream.topic} cannot publish ${event}: its data has ${size} bytes, and maxEventBytes is ${maxEventBytes}. Publish a reference to the data, or raise maxEventBytes.`,
        { topic: stream.topic, limit: maxEventBytes, actual: size },
      )
    }
    // Before the append and not in `onEntries`: a flush may cause further publishing, and a log reports one entry at a
    // time.
    if (fanOut.pendingBytes >= MAX_PENDING_BYTES) window.flushNow()
    const { id } = await log.append(
      { topic: stream.topic, ...packed },
      {
        final: stream.finalEvents?.includes(event) === true,
        ...(idempotencyKey !== undefined && { idempotencyKey }),
        ...(stream.history && { history: stream.history }),
      },
    )
    if (fanOut.pendingBytes >= MAX_PENDING_BYTES) await untilNextTick()
    return formatEventId(id)
  }

  /** All calls before the next tick share one promise. */
  function untilNextTick(): Promise<void> {
    nextTick ??= new Promise((resolve) => {
      afterTick(() => {
        nextTick = undefined
        resolve()
      })
    })
    return nextTick
  }

  function onPosition(newest: EventId): void {
    const before = head
    head = newest
    ready.resolve(undefined)
    if (before === undefined) return
    // A position that goes back is a new history, too, although such a log breaks the rules.
    if (before.epoch === newest.epoch && before.seq <= newest.seq) {
      onSkippedEntries(newest)
      return
    }
    // The log has started a new history. Pending events belong to the old one; all subscribers are told about a gap.
    fanOut.clear()
    frames.clear()
    for (const [subscriber, topics] of registry.all) {
      // Subscribers that are catching up detect the new epoch themselves.
      if (subscriber.liveFrames) continue
      registry.returnToCatchUp(subscriber)
      startCatchUp(subscriber, topics, { kind: 'gap', reason: 'unknown-epoch' })
    }
  }

  function onState(logState: 'up' | 'down'): void {
    health = logState === 'up' ? 'ok' : 'degraded'
    // A client is told after its hello, which is the first event.
    for (const subscriber of registry.all.keys())
      if (!subscriber.liveFrames) writeHealth(subscriber, health)
  }

  /** The log did not report all entries up to this position. Each subscriber reads them from its own position. */
  function onSkippedEntries({ epoch }: EventId): void {
    // Cursors are then where the subscribers are.
    window.flushNow()
    for (const [subscriber, topics] of registry.all) {
      if (subscriber.liveFrames) {
        // Its catch-up goes on up to the new position.
        subscriber.liveFrames = []
        subscriber.liveOverflowed = true
      } else if (subscriber.queue) {
        // The cursor is ahead of the client, which knows where it is: it reconnects and resumes.
        registry.leave(subscriber, 'too-slow')
      } else {
        const continuing = topics.map((topic) => ({ ...topic, added: false }))
        registry.returnToCatchUp(subscriber)
        startCatchUp(subscriber, continuing, {
          kind: 'after',
          id: { epoch, seq: subscriber.cursor },
        })
      }
    }
  }

  function onEntries(entries: readonly LogEntry[]): void {
    const newest = entries.at(-1)
    if (!newest || !head) return
    head = { epoch: head.epoch, seq: newest.seq }
    counters.events += entries.length
    window.request(fanOut.add(head.epoch, entries))
  }

  function subscribe(request: SubscribeRequest): Subscription {
    const { sink, topics, refused = [], lastEventId, format = 'plain', signal } = request
    checkRequest(request)
    if (state !== 'open') return refuse(sink, format)
    const outcome = createDeferred<ResumeOutcome | undefined>()
    const left = createDeferred<string>()
    const streams = topics.map(({ stream }) => stream)
    const subscriber = createSubscriber({
      context,
      sink,
      group: groups.get(format, streams),
      expiresAtMs: clock.now() + maxLifetimeMs * (1 - LIFETIME_JITTER * clock.random()),
      resolveOutcome: outcome.resolve,
      resolveLeft(reason) {
        signal?.removeEventListener('abort', onAbort)
        left.resolve(reason)
      },
    })
    registry.add(subscriber, topics)
    heartbeat.add(subscriber)
    try {
      sink.open({
        onDrain: () => onDrain(subscriber),
        onClose: () => registry.onSinkClosed(subscriber),
      })
    } catch (error) {
      // A sink that fails to open leaves no subscription behind.
      registry.onSinkClosed(subscriber)
      throw error
    }
    if (!hasLeft(subscriber)) {
      writeText(subscriber, encodeEvent({ retry: jitteredRetryMs() }) + encodeComment('open'))
      startCatchUp(subscriber, topics, parseResumePoint(lastEventId), refused)
      // Last, so that events which a source publishes at its start are live for this subscriber.
      for (const { topic } of streams)
        sources.subscriberCountChanged(topic, registry.subscriberCount(topic))
      signal?.addEventListener('abort', onAbort)
      if (signal?.aborted) onAbort()
    }
    return {
      outcome: outcome.promise,
      left: left.promise,
      leave: (leaveOptions = {}) =>
        registry.leave(subscriber, 'dismissed', farewellOf(leaveOptions)),
      progress: () => progressOf(subscriber),
    }

    function onAbort(): void {
      registry.leave(subscriber, 'dismissed')
    }
  }

  /** Sends a stream that ends at once: the response may have started, so its status cannot report the refusal. */
  function refuse(sink: Sink, format: StreamFormat): Subscription {
    const reconnectMs = jitteredRetryMs()
    const bytes = encodeUtf8(
      encodeRefusal({ format, reason: 'draining', reconnectMs, detail: CLOSING_DETAIL }),
    )
    const reason = registry.refuse(sink, bytes)
    const sentBytes = reason === 'client' ? 0 : bytes.length
    return {
      outcome: Promise.resolve(undefined),
      left: Promise.resolve(reason),
      leave: () => undefined,
      progress: () => ({ events: 0, bytes: sentBytes, dropped: 0, queuedBytes: 0 }),
    }
  }

  /** Jittered, because a server that crashes disconnects all of its clients at once. */
  function jitteredRetryMs(): number {
    return Math.round(retryMs * (1 + RETRY_JITTER * (2 * clock.random() - 1)))
  }

  function startCatchUp(
    subscriber: Subscriber,
    topics: readonly TopicRequest[],
    resumePoint: ResumePoint,
    refused: readonly RefusedTopic[] = [],
  ): void {
    catchUp(subscriber, topics, resumePoint, refused, catchUpContext).catch((error: unknown) => {
      onError(error)
      registry.leave(subscriber, 'error')
    })
  }

  function onLeft(subscriber: Subscriber): void {
    heartbeat.remove(subscriber)
    slots.cancel(subscriber)
    for (const topic of subscriber.group.streams.keys()) {
      sources.subscriberCountChanged(topic, registry.subscriberCount(topic))
    }
  }

  function close(drainOptions: DrainOptions = {}): Promise<void> {
    closing ??= new Promise((resolve) => {
      state = 'closing'
      const cancel = drain(
        clock,
        registry.all.keys(),
        drainOptions,
        (subscriber) => registry.leave(subscriber, 'draining'),
        () => registry.destroyAll(),
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
      if (registry.isEmpty()) onClosed()
    })
    return closing
  }

  function onEmpty(): void {
    onClosed?.()
  }
}

function closedError(): HubError {
  return new HubError('closed', 'The hub is closing or closed. Create another one.')
}
