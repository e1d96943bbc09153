/** A clock that a test moves by hand. */
import type { Clock } from './clock.ts'

export interface ManualClock extends Clock {
  /** Moves time on, waking sleepers in the order they are due, each with time to go to sleep again. */
  advance(ms: number): Promise<void>
  /** How many sleep now. */
  readonly sleepers: number
}

interface Sleeper {
  readonly dueMs: number
  wake(): void
}

export function createManualClock(startMs = Date.UTC(2026, 0, 1, 12)): ManualClock {
  let elapsedMs = 0
  const asleep = new Set<Sleeper>()
  return {
    now: () => startMs + elapsedMs,
    elapsed: () => elapsedMs,
    get sleepers() {
      return asleep.size
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason as Error)
          return
        }
        const sleeper = { dueMs: elapsedMs + ms, wake }
        const abort = () => {
          asleep.delete(sleeper)
          reject(signal?.reason as Error)
        }
        asleep.add(sleeper)
        signal?.addEventListener('abort', abort, { once: true })

        function wake() {
          asleep.delete(sleeper)
          signal?.removeEventListener('abort', abort)
          resolve()
        }
      })
    },
    async advance(ms) {
      const endMs = elapsedMs + ms
      for (;;) {
        await settle()
        const [next] = [...asleep].sort((a, b) => a.dueMs - b.dueMs)
        if (next === undefined || next.dueMs > endMs) break
        elapsedMs = next.dueMs
        next.wake()
      }
      elapsedMs = endMs
    },
  }
}

/** Lets promises that are already resolved, and work queued behind them, run to their end. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
