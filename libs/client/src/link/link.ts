/** A link: any number of typed subscriptions on one connection that resumes after an interruption. */
import type { Stream, StreamEvent } from '@downlink/protocol'
import {
  createConnection,
  type Connection,
  type ConnectionListener,
} from '../connection/connection.ts'
import { LinkError } from '../errors.ts'
import { normalizeOptions, type LinkOptions } from '../options.ts'
import { isOver, type LinkStatus } from '../status.ts'
import { createEventIterator, type IterableOptions } from './event-iterator.ts'
import { createRunSafely, notifyAll } from './run-safely.ts'
import { createSubscriptions, type StreamHandlers } from './subscriptions.ts'

export interface Link {
  /** Calls the handlers for each event of a stream, until the returned function is called. No callback is called afterwards. */
  subscribe<S extends Stream>(stream: S, handlers: StreamHandlers<S>): () => void
  /**
   * Reads a stream in a `for await` loop: subscribes when the loop starts and unsubscribes when it is left. The loop ends when
   * the stream, the server or the link ends, and throws a `LinkError` when the link fails or the server refuses the topic.
   */
  subscribe<S extends Stream>(
    stream: S,
    options?: IterableOptions<S>,
  ): AsyncIterable<StreamEvent<S>>
  readonly status: LinkStatus
  /** Calls the listener at each change of status, until the returned function is called. */
  onStatus(listener: (status: LinkStatus) => void): () => void
  /** The id of the last event received. Empty before the first. */
  readonly lastEventId: string
  /**
   * Reconnects immediately instead of waiting. Requests again after `ended` and `failed`. Does nothing while a request is
   * under way or a response is open.
   */
  retryNow(): void
  /** Ends all subscriptions and the connection, permanently. */
  close(): void
}

/**
 * Creates a link to an event stream. It connects with the first subscription and disconnects after the last.
 *
 * @throws {LinkError} `bad-option` for options that can never work.
 */
export function createLink(url: string | URL, options: LinkOptions = {}): Link {
  const settings = normalizeOptions(url, options)
  const { onFrame, signal: closeSignal } = options
  const plain = settings.format === 'plain'
  const runSafely = createRunSafely(options.onCallbackError)
  const listeners = new Set<(status: LinkStatus) => void>()
  const { topics, add, deliver } = createSubscriptions(
    runSafely,
    plain,
    (isAdded) => void update(isAdded),
  )
  const choosing = options.share ? chooseSharedConnection() : createConnection
  let status: LinkStatus = { state: 'idle' }
  let { lastEventId } = settings
  /** The last event ID with which the next connection starts. */
  let startId = lastEventId
  let closed = false
  /** Present while there are subscriptions. */
  let connection: Connection | undefined
  const listener: ConnectionListener = {
    onStatus: setStatus,
    onEvents(events, nextId) {
      for (const event of events) {
        if (closed) return
        lastEventId = event.id
        deliver(event)
      }
      lastEventId = nextId
    },
    onFrame:
      onFrame &&
      ((frame) => {
        if (!closed) runSafely(() => onFrame(frame))
      }),
  }

  const link: Link = {
    subscribe: subscribe as Link['subscribe'],
    get status() {
      return status
    },
    onStatus(statusListener) {
      listeners.add(statusListener)
      return () => void listeners.delete(statusListener)
    },
    get lastEventId() {
      return lastEventId
    },
    retryNow: () => connection?.retryNow(),
    close,
  }
  closeSignal?.addEventListener('abort', close)
  if (closeSignal?.aborted) close()
  return link

  /**
   * Opens, changes or closes the connection after the subscriptions have changed. It waits for a microtask, so
   * that subscriptions changed in the same tick share one request.
   */
  async function update(isAdded: boolean): Promise<void> {
    const create = await choosing
    const wanted = topics()
    if (closed) return
    if (wanted.length > 0) {
      connection ??= create({ ...settings, lastEventId: startId }, listener)
      connection.setTopics(wanted)
      if (isAdded && isOver(status)) connection.retryNow()
    } else if (connection) {
      connection.close()
      connection = undefined
      // A new subscription starts fresh. The plain format has no way to ask for that.
      startId = plain ? lastEventId : ''
      // If the stream ended or failed, that is why the last subscription ended, and the status keeps the reason.
      if (!isOver(status)) setStatus({ state: 'idle' })
    }
  }

  function subscribe<S extends Stream>(
    stream: S,
    how: StreamHandlers<S> | IterableOptions<S> = {},
  ): (() => void) | AsyncIterable<StreamEvent<S>> {
    if (closed) throw new LinkError('closed', 'The link is closed. Create another link.')
    if (!('onEvent' in how)) {
      return { [Symbol.asyncIterator]: () => createEventIterator(link, stream, how) }
    }
    const other = topics().find((topic) => topic !== stream.topic)
    if (plain && other !== undefined) {
      const message = `A link with format 'plain' reads one topic, and this link reads ${other}`
      throw new LinkError('bad-option', `${message}. Create another link for ${stream.topic}.`)
    }
    return add(stream, how)
  }

  function setStatus(next: LinkStatus): void {
    status = next
    notifyAll(runSafely, listeners, (statusListener) => statusListener(next))
  }

  function close(): void {
    if (closed) return
    closed = true
    closeSignal?.removeEventListener('abort', close)
    connection?.close()
    connection = undefined
    setStatus({ state: 'ended', reason: 'closed' })
    listeners.clear()
  }
}

/** Loads the code for shared connections. If it cannot be loaded, each tab has its own connection. */
async function chooseSharedConnection(): Promise<typeof createConnection> {
  try {
    const { chooseConnection } = await import('../tabs/shared-connection.ts')
    return await chooseConnection()
  } catch {
    return createConnection
  }
}
