/** What waits between a stream and the loop that reads it: bounded, with the stream's own word on slow readers. */
import type { SlowReader } from '@downlink/protocol'

export interface QueueOptions {
  /** The most events that wait. */
  readonly maxQueued: number
  /** `latest`: the oldest of the same name gives way. `every`: the reader is cut off instead. */
  readonly slowReader: SlowReader
  /** Called when an event gave way. */
  onDropped(): void
  /** Called when a reader of `every` fell behind: end the queue. */
  onOverflow(): void
  /** Called when the reader leaves: stop the queue. */
  onReturn(): void
}

export interface Queue<T> extends AsyncIterator<T, undefined> {
  readonly push: (item: T) => void
  /** Ends the loop after what still waits, with the error where there is one. */
  end(error?: Error): void
  /** Ends the loop at once: what waits is dropped. */
  stop(): void
}

/** A queue with one writer and one loop; `next()` may be called ahead, each call settles in its order. */
export function createQueue<T extends { readonly event: string }>(options: QueueOptions): Queue<T> {
  const items: T[] = []
  let ended = false
  let failure: Error | undefined
  let wake: (() => void) | undefined
  const reading = read()

  return {
    push(item) {
      if (items.length >= Math.max(options.maxQueued, 1)) {
        if (options.slowReader === 'every') {
          options.onOverflow()
          return
        }
        const sameName = items.findIndex(({ event }) => event === item.event)
        items.splice(Math.max(sameName, 0), 1)
        options.onDropped()
      }
      items.push(item)
      wake?.()
    },
    end,
    stop() {
      items.length = 0
      end()
    },
    next: () => reading.next(),
    return() {
      // A generator that waits would let its reader wait too: the queue ends first.
      options.onReturn()
      return reading.return(undefined)
    },
  }

  function end(error?: Error): void {
    ended = true
    failure = error
    wake?.()
  }

  async function* read(): AsyncGenerator<T, undefined> {
    for (;;) {
      const item = items.shift()
      if (item) yield item
      else if (failure) throw failure
      else if (ended) return undefined
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }
}
