/** A stream as an async iterator with a bounded queue. The stream's `overflow` decides what happens when the queue is full. */
import type { Stream, StreamEvent } from '@downlink/protocol'
import { LinkError } from '../errors.ts'
import { COMPLETE, isOver, type LinkStatus } from '../status.ts'
import type { StreamHandlers } from './subscriptions.ts'

const DEFAULT_MAX_QUEUED = 1_000

/** The options of a `for await` loop: the callbacks of a subscription that are no part of the loop, and its limits. */
export interface IterableOptions<S extends Stream> extends Omit<
  StreamHandlers<S>,
  'onEvent' | 'onEnd' | 'onError'
> {
  /**
   * The most events that wait for the loop. 1,000 by default. Beyond it a stream with `overflow: 'conflate'` drops its
   * oldest event of the same name and calls `onDropped`; one with `'disconnect'` ends the loop with `LinkError` `too-slow`.
   */
  readonly maxQueued?: number
  /** Ends the loop without an error when aborted. */
  readonly signal?: AbortSignal
}

/** What an iterator needs of its link. */
interface Source {
  subscribe<S extends Stream>(stream: S, handlers: StreamHandlers<S>): () => void
  onStatus(listener: (status: LinkStatus) => void): () => void
}

/**
 * Subscribes at once, until the iteration or the link ends. `next()` may be called again before the last result: the results
 * keep the order of the calls.
 */
export function createEventIterator<S extends Stream>(
  source: Source,
  stream: S,
  { maxQueued = DEFAULT_MAX_QUEUED, signal, ...handlers }: IterableOptions<S>,
): AsyncIterator<StreamEvent<S>, undefined> {
  type Result = IteratorResult<StreamEvent<S>, undefined>
  const queue: StreamEvent<S>[] = []
  /** Pending calls of `next()`. There are some only while the queue is empty. */
  const pendingReads: ((result: Result | Promise<Result>) => void)[] = []
  let ended = false
  let failure: LinkError | undefined
  const unsubscribe = source.subscribe(stream, {
    ...handlers,
    onEvent: push,
    onEnd: end,
    onError: end,
  })
  const stopListening = source.onStatus((status) => {
    if (status.state === 'failed') end(status.error)
    else if (isOver(status)) end(incompleteError(stream, status))
  })
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()

  return {
    next() {
      const value = queue.shift()
      return new Promise((resolve) => {
        if (value) resolve({ value })
        else if (ended) resolve(finalResult())
        else pendingReads.push(resolve)
      })
    },
    return() {
      stop()
      return finalResult()
    },
  }

  function push(value: StreamEvent<S>): void {
    const resolve = pendingReads.shift()
    if (resolve) resolve({ value })
    else if (queue.length < Math.max(maxQueued, 1)) queue.push(value)
    else if (stream.overflow === 'disconnect') {
      const message = `More than ${maxQueued} events of ${stream.topic} wait for the loop. Read faster or raise maxQueued.`
      end(new LinkError('too-slow', message))
    } else {
      const sameName = queue.findIndex(({ event }) => event === value.event)
      queue.splice(Math.max(sameName, 0), 1)
      queue.push(value)
      handlers.onDropped?.(1)
    }
  }

  /** Ends at once and drops the queue. */
  function stop(): void {
    queue.length = 0
    end()
  }

  /** Ends after the queued events, with an error if there is one. */
  function end(error?: LinkError): void {
    if (ended) return
    ended = true
    failure = error
    unsubscribe()
    stopListening()
    signal?.removeEventListener('abort', stop)
    for (const resolve of pendingReads) resolve(finalResult())
  }

  /** The first call after the end gets the error, the others `done`. */
  function finalResult(): Promise<Result> {
    const error = failure
    failure = undefined
    return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined })
  }
}

/** The error if a response ended before the stream's final event. A proxy, for example, may have cut it. */
function incompleteError(stream: Stream, status: LinkStatus): LinkError | undefined {
  if (status.state !== 'ended' || status.reason !== COMPLETE || !stream.finalEvents) {
    return undefined
  }
  const message = `The response ended before the final event of ${stream.topic}. Call retryNow() to send the request again.`
  return new LinkError('incomplete', message)
}
