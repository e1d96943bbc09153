/** Closes the streams of a hub over a period, so that the clients do not reconnect all at once. */
import type { Clock } from '@downlink/protocol'
import type { Subscriber } from '../delivery/subscriber.ts'

export interface DrainOptions {
  /** The period over which the streams are ended, in milliseconds. Default 0: all at once. */
  readonly spreadMs?: number
  /** After this many milliseconds, streams that are still open are destroyed. Default `spreadMs` + 2,000. */
  readonly graceMs?: number
}

const GRACE_AFTER_SPREAD_MS = 2_000

/** Calls `leave` for each subscriber at a random time in the period, and `destroyAll` at the end of the grace. */
export function drain(
  clock: Clock,
  subscribers: Iterable<Subscriber>,
  options: DrainOptions,
  leave: (subscriber: Subscriber) => void,
  destroyAll: () => void,
): () => void {
  const spreadMs = options.spreadMs ?? 0
  const graceMs = options.graceMs ?? spreadMs + GRACE_AFTER_SPREAD_MS
  const startMs = clock.now()
  const departures = [...subscribers]
    .map((subscriber) => ({ subscriber, dueMs: startMs + clock.random() * spreadMs }))
    .sort((a, b) => a.dueMs - b.dueMs)
  let next = 0
  let cancelStep: (() => void) | undefined
  const cancelDestroy = clock.after(graceMs, destroyAll)
  step()
  return () => {
    cancelStep?.()
    cancelDestroy()
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
