/** How a hub lets everybody go without all coming back at once. */
import type { Clock } from '../clock.ts'
import type { Subscriber } from '../delivery/subscriber.ts'

export interface DrainOptions {
  /** The time over which the goodbyes are spread, in milliseconds. Default 0: all at once. */
  readonly spreadMs?: number
  /** After this many milliseconds, what is still open is cut. Default `spreadMs` + 2,000. */
  readonly graceMs?: number
}

const GRACE_AFTER_SPREAD_MS = 2_000

/** Calls `leave` for each subscriber at a random moment of the spread, and `cut` at the end of the grace. */
export function drain(
  clock: Clock,
  subscribers: Iterable<Subscriber>,
  options: DrainOptions,
  leave: (subscriber: Subscriber) => void,
  cut: () => void,
): () => void {
  const spreadMs = options.spreadMs ?? 0
  const graceMs = options.graceMs ?? spreadMs + GRACE_AFTER_SPREAD_MS
  const startMs = clock.now()
  const departures = [...subscribers]
    .map((subscriber) => ({ subscriber, dueMs: startMs + clock.random() * spreadMs }))
    .sort((a, b) => a.dueMs - b.dueMs)
  let next = 0
  let cancelStep: (() => void) | undefined
  const cancelCut = clock.after(graceMs, cut)
  step()
  return () => {
    cancelStep?.()
    cancelCut()
  }

  function step(): void {
    cancelStep = undefined
    const nowMs = clock.now()
    for (; next < departures.length; next++) {
      const departure = departures[next]
      if (!departure) return
      if (departure.dueMs > nowMs) {
        cancelStep = clock.after(departure.dueMs - nowMs, step)
        return
      }
      leave(departure.subscriber)
    }
  }
}
