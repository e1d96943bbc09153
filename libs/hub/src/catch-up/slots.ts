/**
 * Limits how many replays run at once, so that many clients that reconnect together cannot occupy the event loop.
 * A free slot is handed on in a later tick: sockets and timers have their turn between two replays.
 */
import type { Clock } from '../clock.ts'
import type { Subscriber } from '../delivery/subscriber.ts'

export interface ReplaySlots {
  /** Resolves once the subscriber has a slot, or is cancelled; at once where it has one already. */
  enter(subscriber: Subscriber): Promise<void>
  /** Gives the slot back; does nothing without one. */
  leave(subscriber: Subscriber): void
  /** Removes the subscriber from the queue and resolves its `enter`; does nothing for a running replay. */
  cancel(subscriber: Subscriber): void
}

export function createReplaySlots(clock: Clock, maxReplays: number): ReplaySlots {
  const running = new Set<Subscriber>()
  /** In the order they came. */
  const queue = new Map<Subscriber, () => void>()
  let handingOn = false

  return {
    enter(subscriber) {
      if (running.has(subscriber)) return Promise.resolve()
      if (queue.size === 0 && running.size < maxReplays) {
        running.add(subscriber)
        return Promise.resolve()
      }
      return new Promise((resolve) => queue.set(subscriber, resolve))
    },
    leave(subscriber) {
      if (!running.delete(subscriber) || queue.size === 0 || handingOn) return
      handingOn = true
      clock.soon(handOn)
    },
    cancel(subscriber) {
      queue.get(subscriber)?.()
      queue.delete(subscriber)
    },
  }

  function handOn(): void {
    handingOn = false
    for (const [subscriber, start] of queue) {
      if (running.size >= maxReplays) break
      queue.delete(subscriber)
      running.add(subscriber)
      start()
    }
  }
}
