/** A link: any number of typed subscriptions on one connection that keeps its place. */
import { parseEventId, type Stream, type StreamEvent } from '@downlink/protocol'
import { wait } from '../clock.ts'
import {
  createConnection,
  type Connection,
  type ConnectionListener,
} from '../connection/connection.ts'
import { LinkError } from '../errors.ts'
import { createIsolate, tellAll } from './run-safely.ts'
import { settle, type LinkOptions } from '../options.ts'
import { createLoop } from './iterator.ts'
import { isOver, type LinkStatus } from '../status.ts'
import { createSubscriptions, type StreamHandlers } from './subscriptions.ts'
import { listen } from '../connection/page-events.ts'

/** How an iterable reads: as the handlers of a callback subscription, and how much may wait for the loop. */
export interface IterableOptions<S extends Stream> extends Omit<
  StreamHandlers<S>,
  'onEvent' | 'onEnd' | 'onError'
> {
  /**
   * The most events that wait for the loop. 1,000 by default. Beyond it a stream with `overflow: 'conflate'`
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
   * stream, the server or the link does, and throws a `LinkError` when the link fails or the server refuses the topic.
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
  /**
   * Reconnects at once instead of waiting; asks again after `ended` and `failed`. Does nothing while a request is under way
   * or a response is open.
   */
  retryNow(): void
  /** Ends all subscriptions and the connection, for good. */
  close(): void
}

/**
 * A link to an event stream. It connects with the first subscription and lets go after the last.
 *
 * @throws {LinkError} `bad-option` for options that can never work.
 */
export function createLink(url: string | URL, options: LinkOptions = {}): Link {
  const settings = settle(url, options)
  const { onFrame, signal: closing } = options
  const plain = settings.format === 'plain'
  const isolate = createIsolate(options.onCallbackError)
  const listeners = new Set<(status: LinkStatus) => void>()
  const { topics, add, deliver } = createSubscriptions(
    isolate,
    plain,
    (another) => void connect(another),
  )
  /** Where its code cannot be loaded, the connection is this tab's own. */
  const creating = options.share
    ? import('../tabs/shared-connection.ts').then(
        ({ sharing }) => sharing({ createConnection, wait, listen, parseEventId, LinkError }),
        () => createConnection,
      )
    : createConnection
  let status: LinkStatus = { state: 'idle' }
  let { lastEventId } = settings
  /** Where the next connection begins. */
  let start = lastEventId
  let closed = false
  /** There while somebody reads. */
  let connection: Connection | undefined
  const listener: ConnectionListener = {
    onStatus: setStatus,
    onEvents(received, place) {
      for (const one of received) {
        if (closed) return
        lastEventId = one.id
        deliver(one)
      }
      lastEventId = place
    },
    onFrame:
      onFrame &&
      ((frame) => {
        if (!closed) isolate(() => onFrame(frame))
      }),
  }

  const link: Link = {
    subscribe: subscribe as Link['subscribe'],
    get status() {
      return status
    },
    onStatus(told) {
      listeners.add(told)
      return () => void listeners.delete(told)
    },
    get lastEventId() {
      return lastEventId
    },
    retryNow: () => connection?.retryNow(),
    close,
  }
  closing?.addEventListener('abort', close)
  if (closing?.aborted) close()
  return link

  /** Subscriptions of one turn make one request: what is wanted already changes nothing. */
  async function connect(another: boolean): Promise<void> {
    const create = await creating
    const wanted = topics()
    if (closed) return
    if (wanted.length > 0) {
      connection ??= create({ ...settings, lastEventId: start }, listener)
      connection.want(wanted)
      if (another && isOver(status)) connection.retryNow()
    } else if (connection) {
      connection.close()
      connection = undefined
      // Who reads next begins as a newcomer, unless the server has no word for that.
      start = plain ? lastEventId : ''
      // Why it ended or failed is worth keeping when that made the last reader leave.
      if (!isOver(status)) setStatus({ state: 'idle' })
    }
  }

  function subscribe<S extends Stream>(
    stream: S,
    how: StreamHandlers<S> | IterableOptions<S> = {},
  ): (() => void) | AsyncIterable<StreamEvent<S>> {
    if (closed) throw new LinkError('closed', 'Closed: create another link.')
    if (!('onEvent' in how)) return { [Symbol.asyncIterator]: () => createLoop(link, stream, how) }
    if (plain && topics().some((topic) => topic !== stream.topic)) {
      throw new LinkError('bad-option', "The format 'plain' has one topic: create another link.")
    }
    return add(stream, how)
  }

  function setStatus(next: LinkStatus): void {
    status = next
    tellAll(isolate, listeners, (listener) => listener(next))
  }

  function close(): void {
    if (closed) return
    closed = true
    closing?.removeEventListener('abort', close)
    connection?.close()
    connection = undefined
    setStatus({ state: 'ended', reason: 'closed' })
    listeners.clear()
  }
}
