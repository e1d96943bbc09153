/** A link: any number of typed subscriptions on one connection that keeps its place. */
import { parseEventId, parseEventName, type Stream, type StreamEvent } from '@downlink/protocol'
import type { DecodedEvent } from '@downlink/protocol/sse'
import { wait } from './clock.ts'
import { createConnection, type Connection, type ConnectionListener } from './connection.ts'
import { readControl } from './control-event.ts'
import { LinkError } from './errors.ts'
import { createIsolate, tellAll } from './isolate.ts'
import { settle, type LinkOptions } from './link-options.ts'
import { createQueue } from './queue.ts'
import { isOver, type LinkStatus } from './status.ts'
import { createSubscriptions, type StreamHandlers } from './subscriptions.ts'
import { listen } from './wake.ts'

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
  const { onFrame, signal: closing } = options
  const isolate = createIsolate(options.onCallbackError)
  const listeners = new Set<(status: LinkStatus) => void>()
  /** The loops that read, each with what ends it. */
  const loops = new Set<(error?: LinkError) => void>()
  const subscriptions = createSubscriptions(isolate, scheduleWant)
  const { topics } = subscriptions
  const plain = settings.face === 'plain'
  let status: LinkStatus = { state: 'idle' }
  let { lastEventId } = settings
  let closed = false
  let connection: Connection | undefined

  if (options.share) {
    // Where its code cannot be loaded, the connection is this tab's own.
    void import('./share.ts').then(
      ({ sharing }) =>
        connect(sharing({ createConnection, wait, listen, parseEventId, LinkError })),
      () => connect(createConnection),
    )
  } else connect(createConnection)
  if (closing?.aborted === true) close()
  else closing?.addEventListener('abort', close)

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
    retryNow: () => connection?.retryNow(),
    close,
  }

  function connect(create: typeof createConnection): void {
    if (closed) return
    const listener: ConnectionListener = {
      onStatus: (next) => closed || setStatus(next),
      onEvents,
      onFrames: onFrame && ((frames) => frames.forEach((frame) => isolate(() => onFrame(frame)))),
    }
    connection = create(settings, listener)
    scheduleWant()
  }

  function subscribe<S extends Stream>(
    stream: S,
    how: StreamHandlers<S> | IterableOptions<S> = {},
  ): (() => void) | AsyncIterable<StreamEvent<S>> {
    if (closed) throw new LinkError('closed', 'Closed: create another link.')
    if ('onEvent' in how) return follow(stream, how)
    return { [Symbol.asyncIterator]: () => iterate(stream, how) }
  }

  function follow<S extends Stream>(stream: S, handlers: StreamHandlers<S>): () => void {
    if (plain && topics().some((topic) => topic !== stream.topic)) {
      throw new LinkError('bad-option', "The face 'plain' has one topic: create another link.")
    }
    return subscriptions.add(stream, handlers)
  }

  function iterate<S extends Stream>(
    stream: S,
    { maxQueued = MAX_QUEUED, signal, ...handlers }: IterableOptions<S>,
  ): AsyncIterator<StreamEvent<S>> {
    const queue = createQueue<StreamEvent<S>>({
      maxQueued,
      slowReader: stream.slowReader,
      onDropped: () => isolate(() => handlers.onDropped?.(1)),
      onOverflow: () =>
        finish(
          new LinkError(
            'too-slow',
            `Over ${maxQueued} events wait: read faster, or raise maxQueued.`,
          ),
        ),
      onReturn: stop,
    })
    const leave = follow(stream, { ...handlers, onEvent: queue.push, onEnd: finish })
    loops.add(finish)
    signal?.addEventListener('abort', stop)
    if (closed || signal?.aborted === true) stop()
    return queue

    function finish(error?: LinkError): void {
      leave()
      loops.delete(finish)
      signal?.removeEventListener('abort', stop)
      queue.end(error)
    }
    function stop(): void {
      finish()
      queue.stop()
    }
  }

  function onEvents(events: readonly DecodedEvent[], place: string): void {
    for (const event of events) {
      if (closed) return
      lastEventId = event.id
      const name = plain ? { topic: topics()[0], event: event.event } : parseEventName(event.event)
      if (name) subscriptions.deliver(name.topic, { ...event, event: name.event })
      else {
        const { hello, dropped } = readControl(event)
        if (hello) subscriptions.tell(topics(), (reader) => reader.onResume?.(hello.outcome))
        if (dropped)
          subscriptions.tell([dropped.topic], (reader) => reader.onDropped?.(dropped.count))
      }
    }
    lastEventId = place
  }

  /** Subscriptions of one turn make one request: what is wanted already changes nothing. */
  function scheduleWant(): void {
    queueMicrotask(() => {
      if (!closed) connection?.want(topics())
    })
  }

  function setStatus(next: LinkStatus): void {
    status = next
    if (isOver(next)) for (const finish of loops) finish('error' in next ? next.error : undefined)
    tellAll(isolate, listeners, (listener) => listener(next))
  }

  function close(): void {
    if (closed) return
    closed = true
    closing?.removeEventListener('abort', close)
    connection?.close()
    setStatus({ state: 'ended', reason: 'closed' })
    listeners.clear()
  }
}
