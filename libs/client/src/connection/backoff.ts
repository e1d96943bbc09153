/** The wait before the next request: exponential, with full jitter, within limits that no server can change. */
import type { Clock } from '@downlink/protocol'

/** A wait set by the server is extended by up to 10 % at random, so that clients disconnected together do not reconnect together. */
const SERVER_WAIT_JITTER = 1.1
/** A connection that ended sooner than this after its request counts as short-lived. */
const SHORT_LIVED_MS = 5_000
/** The shortest wait after a short-lived connection, and the start of exponential growth: at most two requests per second. */
export const MIN_WAIT_MS = 500
/** The longest wait, whatever the server asks for. */
const MAX_WAIT_MS = 3_600_000

/**
 * The wait before attempt `attempt` (from 1) in milliseconds, at random between a lower and an upper bound. The lower bound is
 * the greater of `retryMs` and `requestedMs`. The upper bound is `retryMs`, doubled with each attempt up to `maxRetryMs`.
 */
export function backoffMs(
  attempt: number,
  retryMs: number,
  requestedMs: number,
  maxRetryMs: number,
  clock: Clock,
): number {
  const lowerMs = Math.min(Math.max(retryMs, requestedMs), MAX_WAIT_MS)
  const grownMs = Math.max(retryMs, MIN_WAIT_MS) * 2 ** attempt
  const upperMs = Math.max(Math.min(grownMs, maxRetryMs), lowerMs * SERVER_WAIT_JITTER)
  return lowerMs + clock.random() * (upperMs - lowerMs)
}

/** Limits the wait after a connection that lasted `durationMs` from its request. */
export function limitWaitMs(waitMs: number, durationMs: number): number {
  const minMs = durationMs < SHORT_LIVED_MS ? MIN_WAIT_MS : 0
  return Math.min(Math.max(waitMs, minMs), MAX_WAIT_MS)
}
