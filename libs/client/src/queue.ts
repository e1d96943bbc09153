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

/** A queue with one writer and one loop; `next()` may be called ahead, each call settles in its order. */
export function createQueue<T extends { readonly event: string }>(options: QueueOptions): Queue<T> {
  let items: T[] = []
  const waiting: {
    resolve(result: IteratorResult<T, undefined>): void
    reject(error: unknown): void
  }[] = []
  let ended = false
  let failure: { error: unknown } | undefined

  return {
    push(item) {
      if (ended) return
      if (items.length >= options.maxQueued) {
        if (options.slowReader === 'every') {
          options.onOverflow()
          return
        }
        const sameName = items.findIndex(({ event }) => event === item.event)
        items.splice(Math.max(sameName, 0), 1)
        options.onDropped(1)
      }
      items.push(item)
      settle()
    },
    end,
    fail(error) {
      failure = { error }
      end()
    },
    stop,
    next: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        settle()
      }),
    return() {
      failure = undefined
      stop()
      options.onReturn()
      return Promise.resolve({ done: true, value: undefined })
    },
  }

  function end(): void {
    ended = true
    settle()
  }

  function stop(): void {
    items = []
    end()
  }

  function settle(): void {
    while (items.length > 0 || ended) {
      const reader = waiting.shift()
      if (reader === undefined) return
      const value = items.shift()
      if (value !== undefined) reader.resolve({ done: false, value })
      else if (failure === undefined) reader.resolve({ done: true, value: undefined })
      else {
        reader.reject(failure.error)
        failure = undefined
      }
    }
  }
}
