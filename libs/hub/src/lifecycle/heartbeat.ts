/** One timer for all subscribers: each is visited once an interval, spread over it in slices. */
import type { Clock } from '../clock.ts'
import type { Subscriber } from '../delivery/subscriber.ts'

export interface Heartbeat {
  add(subscriber: Subscriber): void
  remove(subscriber: Subscriber): void
  stop(): void
}

/** Not all sockets are written to in one go: an eighth of them at a time. */
const SLICES = 8

/** Calls `visit` for every subscriber once in `intervalMs`; no timer runs while there is none. */
export function createHeartbeat(
  clock: Clock,
  intervalMs: number,
  visit: (subscribers: Iterable<Subscriber>) => void,
): Heartbeat {
  const slices = Array.from({ length: SLICES }, () => new Set<Subscriber>())
  let size = 0
  let next = 0
  let cancel: (() => void) | undefined

  return {
    add(subscriber) {
      // The slice just visited: its first beat is a whole interval away.
      subscriber.slice = (next + SLICES - 1) % SLICES
      slices[subscriber.slice]?.add(subscriber)
      size += 1
      cancel ??= clock.after(intervalMs / SLICES, tick)
    },
    remove(subscriber) {
      if (!slices[subscriber.slice]?.delete(subscriber)) return
      size -= 1
      if (size === 0) stop()
    },
    stop,
  }

  function tick(): void {
    cancel = clock.after(intervalMs / SLICES, tick)
    const slice = slices[next]
    next = (next + 1) % SLICES
    if (slice) visit(slice)
  }

  function stop(): void {
    cancel?.()
    cancel = undefined
  }
}
