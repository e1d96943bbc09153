/** What waits between a stream and the loop that reads it: bounded, with the stream's own word on slow readers. */
import type { SlowReader } from '@downlink/protocol'

export interface QueueOptions {
  /** The most events that wait. */
  readonly maxQueued: number
  /** `latest`: the oldest of the same name gives way. `every`: the reader is cut off instead. */
  readonly slowReader: SlowReader
  /** Called when an event gave way. */
  onDropped(count: number): void
  /** Called when a reader of `every` fell behind: the queue takes no more. */
  onOverflow(): void
  /** Called once when the reader leaves. */
  onReturn(): void
}

export interface Queue<T> extends AsyncIterator<T, undefined> {
  push(item: T): void
  /** Ends the loop after what still waits. */
  end(): void
  /** Ends the loop with an error after what still waits. */
  fail(error: unknown): void
  /** Ends the loop at once: what waits is dropped. */
  stop(): void
  return(): Promise<IteratorResult<T, undefined>>
}

interface Waiting<T> {
  resolve(result: IteratorResult<T, undefined>): void
  reject(error: unknown): void
}

/** A queue with one writer and one loop; `next()` may be called ahead, each call settles in its order. */
export function createQueue<T extends { readonly event: string }>(options: QueueOptions): Queue<T> {
  let items: T[] = []
  let waiting: Waiting<T>[] = []
  let ended = false
  let failure: { error: unknown } | undefined

  return { push, end, fail, stop, next, return: leave }

  function push(item: T): void {
    if (ended) return
    const reader = waiting.shift()
    if (reader !== undefined) {
      reader.resolve({ done: false, value: item })
      return
    }
    if (items.length >= options.maxQueued) {
      if (options.slowReader === 'every') {
        options.onOverflow()
        return
      }
      const sameName = items.findIndex((queued) => queued.event === item.event)
      items.splice(Math.max(sameName, 0), 1)
      options.onDropped(1)
    }
    items.push(item)
  }

  function end(): void {
    ended = true
    settleWaiting()
  }

  function fail(error: unknown): void {
    if (ended) return
    failure = { error }
    end()
  }

  function stop(): void {
    items = []
    end()
  }

  function next(): Promise<IteratorResult<T, undefined>> {
    const item = items.shift()
    if (item !== undefined) return Promise.resolve({ done: false, value: item })
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject })
      if (ended) settleWaiting()
    })
  }

  function leave(): Promise<IteratorResult<T, undefined>> {
    failure = undefined
    stop()
    options.onReturn()
    return Promise.resolve({ done: true, value: undefined })
  }

  function settleWaiting(): void {
    for (const reader of waiting) {
      if (failure === undefined) {
        reader.resolve({ done: true, value: undefined })
        continue
      }
      reader.reject(failure.error)
      failure = undefined
    }
    waiting = []
  }
}
