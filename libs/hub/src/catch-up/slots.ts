/**
 * Limits how many subscribers read the log at once, so that many clients that reconnect together cannot occupy the event
 * loop. A free slot is assigned in a later tick: sockets and timers have their turn in between.
 */
import type { AfterTick } from '../clock.ts'
import type { Subscriber } from '../delivery/subscriber.ts'

export interface CatchUpSlots {
  /** Resolves once the subscriber has a slot, or is cancelled; at once if it has one already. */
  acquire(subscriber: Subscriber): Promise<void>
  /** Frees the slot; does nothing without one. */
  release(subscriber: Subscriber): void
  /** Removes the subscriber from the queue and resolves its `acquire`; does nothing if it has a slot. */
  cancel(subscriber: Subscriber): void
}

export function createCatchUpSlots(afterTick: AfterTick, maxSlots: number): CatchUpSlots {
  const active = new Set<Subscriber>()
  /** In order of arrival. */
  const queue = new Map<Subscriber, () => void>()
  let isScheduled = false

  return {
    acquire(subscriber) {
      if (active.has(subscriber)) return Promise.resolve()
      if (queue.size === 0 && active.size < maxSlots) {
        active.add(subscriber)
        return Promise.resolve()
      }
      return new Promise((resolve) => queue.set(subscriber, resolve))
    },
    release(subscriber) {
      if (!active.delete(subscriber) || queue.size === 0 || isScheduled) return
      isScheduled = true
      afterTick(assign)
    },
    cancel(subscriber) {
      queue.get(subscriber)?.()
      queue.delete(subscriber)
    },
  }

  function assign(): void {
    isScheduled = false
    for (const [subscriber, resolve] of queue) {
      if (active.size >= maxSlots) break
      queue.delete(subscriber)
      active.add(subscriber)
      resolve()
    }
  }
}
