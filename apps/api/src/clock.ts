/** The system clock, and waiting on a clock. */
import type { Clock } from '@downlink/protocol'

/** The clock of the process. Unlike those of the hub's `systemClock`, its timers keep the process alive: a drain waits for one. */
export const systemClock: Clock = {
  now: () => performance.now(),
  dateMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

/** Resolves after `ms`; rejects with the signal's reason as soon as `signal` aborts. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error)
      return
    }
    const abort = () => {
      cancel()
      reject(signal?.reason as Error)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}

export interface Pace {
  /** Resolves `ms` after the time at which the previous call was due, so that late timers do not add up. */
  next(ms: number): Promise<void>
}

/** Later than this (a suspended machine, a stopped process), the pace restarts instead of catching up. */
const MAX_LATENESS_MS = 1000

/** A pace without drift: 1,000 steps of 20 ms take 20 s, however late each timer is. */
export function createPace(clock: Clock, signal: AbortSignal): Pace {
  let dueMs = clock.now()
  return {
    next(ms) {
      const now = clock.now()
      if (now - dueMs > MAX_LATENESS_MS) dueMs = now
      dueMs += ms
      return sleep(clock, Math.max(0, dueMs - now), signal)
    },
  }
}
