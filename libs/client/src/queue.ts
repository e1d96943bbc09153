/** What waits between a stream and the loop that reads it: bounded, with the stream's own word on slow readers. */
import type { SlowReader } from '@downlink/protocol'

export interface QueueOptions {
  /** The most events that wait. */
  readonly maxQueued: number
  /** `latest`: the oldest of the same name gives way. `every`: the reader is cut off instead. */
  readonly slowReader: SlowReader
  /** Called when an event gave way. */
  onDropped(count: number): void
  /** Called when a reader of `every` fell behind. */
  onOverflow(): void
  /** Called when the reader leaves. */
  onReturn(): void
}

export interface Queue<T> extends AsyncIterator<T, undefined> {
  push(item: T): void
  /** Ends the loop after what still waits, with the error where there is one. */
  end(error?: Error): void
  /** Ends the loop at once: what waits is dropped. */
  stop(): void
  return(): Promise<IteratorResult<T, undefined>>
}

type Reader<T> = [
  resolve: (result: IteratorResult<T, undefined>) => void,
  reject: (error: Error) => void,
]

/** A queue with one writer and one loop; `next()` may be called ahead, each call settles in its order. */
export function createQueue<T extends { readonly event: string }>(options: QueueOptions): Queue<T> {
  let items: T[] = []
  let ended = false
  let failure: Error | undefined
  const readers: Reader<T>[] = []

  return {
    push(item) {
      if (items.length >= Math.max(options.maxQueued, 1)) {
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
    stop,
    next: () =>
      new Promise((...reader) => {
        readers.push(reader)
        settle()
      }),
    return() {
      stop()
      options.onReturn()
      return Promise.resolve({ done: true, value: undefined })
    },
  }

  function end(error?: Error): void {
    ended = true
    failure = error
    settle()
  }

  function stop(): void {
    items = []
    end()
  }

  function settle(): void {
    while (readers.length > 0 && (items.length > 0 || ended)) {
      const [resolve, reject] = readers.shift() as Reader<T>
      const value = items.shift()
      if (value !== undefined) resolve({ done: false, value })
      else if (failure) reject(failure)
      else resolve({ done: true, value: undefined })
      if (value === undefined) failure = undefined
    }
  }
}
