/** A stream in a `for await` loop: what waits for it is bounded, with the stream's own word on slow readers. */
import type { Stream, StreamEvent } from '@downlink/protocol'
import { LinkError } from '../errors.ts'
import type { IterableOptions, Link } from './link.ts'
import { COMPLETE, isOver, type LinkStatus } from '../status.ts'

/** The most events that wait for a loop, unless it says otherwise. */
const MAX_QUEUED = 1_000

/**
 * Subscribes at once, until the loop or the link ends. `next()` may be called ahead: each call settles in its
 * order.
 */
export function createLoop<S extends Stream>(
  link: Link,
  stream: S,
  { maxQueued = MAX_QUEUED, signal, ...handlers }: IterableOptions<S>,
): AsyncIterator<StreamEvent<S>, undefined> {
  type Result = IteratorResult<StreamEvent<S>, undefined>
  const items: StreamEvent<S>[] = []
  /** There are some only while no item waits. */
  const readers: ((result: Result | Promise<Result>) => void)[] = []
  let ended = false
  let failure: LinkError | undefined
  const leave = link.subscribe(stream, { ...handlers, onEvent: push, onEnd: end, onError: end })
  const forget = link.onStatus((status) => {
    if (status.state === 'failed') end(status.error)
    else if (isOver(status)) end(incomplete(status))
  })
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()

  return {
    next() {
      const value = items.shift()
      return new Promise((resolve) => {
        if (value) resolve({ value })
        else if (ended) resolve(last())
        else readers.push(resolve)
      })
    },
    return() {
      stop()
      return last()
    },
  }

  /** A response that ended without the stream's last event was cut short, for example by a proxy. */
  function incomplete(status: LinkStatus): LinkError | undefined {
    if (status.state !== 'ended' || status.reason !== COMPLETE || !stream.finalEvents)
      return undefined
    const message = `The response ended before the last event of ${stream.topic}. Send the request again.`
    return new LinkError('incomplete', message)
  }

  function push(value: StreamEvent<S>): void {
    const reader = readers.shift()
    if (reader) reader({ value })
    else if (items.length < Math.max(maxQueued, 1)) items.push(value)
    else if (stream.overflow === 'disconnect') {
      const message = `Over ${maxQueued} events wait: raise maxQueued.`
      end(new LinkError('too-slow', message))
    } else {
      const sameName = items.findIndex(({ event }) => event === value.event)
      items.splice(Math.max(sameName, 0), 1)
      items.push(value)
      handlers.onDropped?.(1)
    }
  }

  /** Ends the loop at once: what waits is dropped. */
  function stop(): void {
    items.length = 0
    end()
  }

  /** Ends the loop after what still waits, with the error where there is one. */
  function end(error?: LinkError): void {
    if (ended) return
    ended = true
    failure = error
    leave()
    forget()
    signal?.removeEventListener('abort', stop)
    for (const reader of readers) reader(last())
  }

  /** What the first is told who asks after the end, and the others. */
  function last(): Promise<Result> {
    const error = failure
    failure = undefined
    return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined })
  }
}
