/**
 * The two times of the log. `now` is milliseconds since 1970 that never go back, also over restarts. `logMs` advances only
 * while a process has the log open, and ages entries: neither a change of the system time nor downtime deletes anything.
 */
import type { LogState } from './records.ts'

export interface LogClock {
  now(): number
  logMs(): number
}

export interface LogClockOptions {
  /** Monotonic milliseconds from any start. */
  readonly monotonic: () => number
  /** Milliseconds since 1970. */
  readonly wall: () => number
}

export function createLogClock(state: LogState, { monotonic, wall }: LogClockOptions): LogClock {
  const startMs = monotonic()
  const baseMs = Math.max(wall(), state.atMs)
  const baseLogMs = state.logMs
  return {
    now: () => baseMs + (monotonic() - startMs),
    logMs: () => baseLogMs + (monotonic() - startMs),
  }
}
