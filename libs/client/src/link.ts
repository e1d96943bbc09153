/** A link: any number of typed subscriptions on one connection that keeps its place. */
import { parseEventName, type Stream, type StreamEvent } from '@downlink/protocol'
import type { DecodedEvent } from '@downlink/protocol/sse'
import { createConnection, type Connection } from './connection.ts'
import { readControl } from './control-event.ts'
import { LinkError } from './errors.ts'
import { createIsolate } from './isolate.ts'
import { settle, type LinkOptions } from './link-options.ts'
import { createSharedLater } from './share-later.ts'
import { createQueue, type Queue } from './queue.ts'
import type { LinkStatus } from './status.ts'
import { createSubscriptions, type StreamHandlers, type Subscriber } from './subscriptions.ts'

/** How an iterable reads: as the handlers of a callback subscription, and how much may wait for the loop. */
export interface IterableOptions<S extends Stream> extends Omit<
  StreamHandlers<S>,
  'onEvent' | 'onEnd'
> {
  /**
   * The most events that wait for the loop. 1,000 by default. Beyond it a stream with `slowReader: 'latest'`
   * drops its oldest event of the same name and calls `onDropped`; one with `'every'` ends the loop with
   * `LinkError` `too-slow`.
   */
  readonly maxQueued?: number
  /** Ends the loop, without an error, when aborted. */
  readonly signal?: AbortSignal
}

export interface Link {
  /** Reads a stream until the returned function is called. Nothing is called afterwards. */
  subscribe<S extends Stream>(stream: S, handlers: StreamHandlers<S>): () => void
  /**
   * Reads a stream in a `for await` loop, from when the loop begins until it is left. The loop ends when the
   * stream, the server or the link does, and throws a `LinkError` when the link fails.
   */
  subscribe<S extends Stream>(
    stream: S,
    options?: IterableOptions<S>,
  ): AsyncIterable<StreamEvent<S>>
  readonly status: LinkStatus
  /** Calls the listener at each change of status, until the returned function is called. */
  onStatus(listener: (status: LinkStatus) => void): () => void
  /** The place of the link: the id of the last event received, empty before the first. */
  readonly lastEventId: string
  /** Reconnects at once instead of waiting; asks again after `ended` and `failed`. Otherwise does nothing. */
  retryNow(): void
  /** Ends all subscriptions and the connection, for good. */
  close(): void
}

/** The most events that wait for a loop, unless it says otherwise. */
const MAX_QUEUED = 1_000

/**
 * A link to an event stream. It connects with the first subscription and lets go after the last.
 *
 * @throws {LinkError} `bad-option` for options that can never work.
 */
export function createLink(url: string | URL, options: LinkOptions = {}): Link {
  const settings = settle(url, options)
  const isolate = createIsolate(options.onCallbackError)
  const listeners = new Set<(status: LinkStatus) => void>()
  /** The loops that read, each with what ends it. */
  const loops = new Set<(error?: LinkError) => void>()
  const subscriptions = createSubscriptions(isolate, scheduleWant)
  let status: LinkStatus = { state: 'idle' }
  let lastEventId = settings.lastEventId
  let closed = false
  let wantScheduled = false

  const { onFrame } = options
  const connect = options.share ? createSharedLater : createConnection
  const connection: Connection = connect(settings, {
    onStatus: (next) => closed || setStatus(next),
    onEvents,
    onFrames: onFrame && ((frames) => frames.forEach((frame) => isolate(onFrame, frame))),
  })

  if (options.signal?.aborted === true) close()
  else options.signal?.addEventListener('abort', close, { once: true })

  return {
    subscribe: subscribe as Link['subscribe'],
    get status() {
      return status
    },
    onStatus(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    get lastEventId() {
      return lastEventId
    },
    retryNow: () => connection.retryNow(),
    close,
  }

  function subscribe<S extends Stream>(
    stream: S,
    how: StreamHandlers<S> | IterableOptions<S> = {},
  ): (() => void) | AsyncIterable<StreamEvent<S>> {
    if (closed) throw new LinkError('closed', 'The link is closed: create another.')
    if ('onEvent' in how) return follow(stream, how)
    return { [Symbol.asyncIterator]: () => iterate(stream, how) }
  }

  function follow<S extends Stream>(stream: S, handlers: StreamHandlers<S>): () => void {
    if (
      settings.face === 'plain' &&
      subscriptions.topics().some((topic) => topic !== stream.topic)
    ) {
      throw new LinkError('bad-option', "The face 'plain' has one topic: create another link.")
    }
    // What reaches these handlers was unpacked by this very contract.
    const subscriber: Subscriber = {
      stream,
      handlers: handlers,
    }
    subscriptions.add(subscriber)
    return () => subscriptions.remove(subscriber)
  }

  function iterate<S extends Stream>(
    stream: S,
    { maxQueued = MAX_QUEUED, signal, ...handlers }: IterableOptions<S>,
  ): Queue<StreamEvent<S>> {
    const queue = createQueue<StreamEvent<S>>({
      maxQueued,
      slowReader: stream.slowReader,
      onDropped: (count) => isolate(() => handlers.onDropped?.(count)),
      onOverflow: () => finish(tooSlow(stream.topic, maxQueued)),
      onReturn: leave,
    })
    if (closed || signal?.aborted === true) {
      queue.stop()
      return queue
    }
    const unsubscribe = follow(stream, {
      ...handlers,
      onEvent: (event) => queue.push(event),
      onEnd: () => finish(),
    })
    loops.add(finish)
    signal?.addEventListener('abort', abort, { once: true })
    return queue

    function finish(error?: LinkError): void {
      leave()
      queue.end(error)
    }
    function abort(): void {
      leave()
      queue.stop()
    }
    function leave(): void {
      unsubscribe()
      loops.delete(finish)
      signal?.removeEventListener('abort', abort)
    }
  }

  function onEvents(events: readonly DecodedEvent[], place: string): void {
    for (const event of events) {
      if (closed) return
      lastEventId = event.id
      if (settings.face === 'plain') {
        const [topic] = subscriptions.topics()
        if (topic !== undefined) subscriptions.deliver(topic, event)
      } else {
        const name = parseEventName(event.event)
        if (name) subscriptions.deliver(name.topic, { ...event, event: name.event })
        else onControl(event)
      }
    }
    lastEventId = place
  }

  function onControl(event: DecodedEvent): void {
    const control = readControl(event)
    if (control?.event === 'downlink.hello') subscriptions.resumed(control.data.outcome)
    else if (control?.event === 'downlink.dropped') {
      subscriptions.dropped(control.data.topic, control.data.count)
    }
  }

  /** Subscriptions of one turn make one request. */
  function scheduleWant(): void {
    if (wantScheduled || closed) return
    wantScheduled = true
    queueMicrotask(() => {
      wantScheduled = false
      if (!closed) connection.want(subscriptions.topics())
    })
  }

  function setStatus(next: LinkStatus): void {
    status = next
    if (next.state === 'failed') for (const finish of [...loops]) finish(next.error)
    if (next.state === 'ended') for (const finish of [...loops]) finish()
    for (const listener of [...listeners]) {
      if (listeners.has(listener)) isolate(listener, next)
    }
  }

  function close(): void {
    if (closed) return
    closed = true
    options.signal?.removeEventListener('abort', close)
    connection.close()
    setStatus({ state: 'ended', reason: 'closed' })
    listeners.clear()
  }
}

function tooSlow(topic: string, maxQueued: number): LinkError {
  return new LinkError(
    'too-slow',
    `${topic}: ${maxQueued} events wait. Read faster, or raise maxQueued.`,
  )
}
