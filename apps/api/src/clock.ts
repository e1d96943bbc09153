/** Time as the API sees it: one interface, so that tests run hours in an instant. */
import { setTimeout as wait } from 'node:timers/promises'

export interface Clock {
  /** The wall clock in ms since 1970. May jump: use it for what is shown, never for how long to wait. */
  now(): number
  /** A clock in ms that never jumps: use it for how long to wait. */
  elapsed(): number
  /** Resolves after `ms`; rejects with the signal's reason as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
}

export interface Pace {
  /** Resolves `ms` after the time the previous call was due, not after it came: lateness does not add up. */
  next(ms: number): Promise<void>
}

/** Further behind than this (a suspended machine, a stopped process), the pace starts anew instead of catching up. */
const MAX_LATENESS_MS = 1000

/** A drift-free beat: a thousand steps of 20 ms take 20 s, however late each timer is. */
export function createPace(clock: Clock, signal: AbortSignal): Pace {
  let dueMs = clock.elapsed()
  return {
    next(ms) {
      const now = clock.elapsed()
      if (now - dueMs > MAX_LATENESS_MS) dueMs = now
      dueMs += ms
      return clock.sleep(Math.max(0, dueMs - now), signal)
    },
  }
}
