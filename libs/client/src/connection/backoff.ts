/** How long to wait before the next request: exponential, with full jitter, within limits that no server can move. */

/** A wait that the server fixed is spread by a tenth: clients cut off together must not come back together. */
const SPREAD = 1.1
/** A connection that lasted less than this, measured from its request, was short-lived. Milliseconds. */
const SHORT_LIVED_MS = 5_000
/** The shortest wait after a short-lived connection, and what growth starts from: at most two requests per second. Milliseconds. */
export const LEAST_WAIT_MS = 500
/** The longest wait, whatever the server asks for. Milliseconds. */
const MOST_WAIT_MS = 3_600_000

/**
 * The wait before attempt `attempt` (from 1) in milliseconds: anywhere from `retryMs`, or `askedMs` where that is
 * longer, to `retryMs` doubled with each attempt, which stops at `mostMs`. `random` gives 0 to below 1.
 */
export function backoffMs(
  attempt: number,
  retryMs: number,
  askedMs: number,
  mostMs: number,
  random: () => number,
): number {
  const leastMs = Math.min(Math.max(retryMs, askedMs), MOST_WAIT_MS)
  const grownMs = Math.max(retryMs, LEAST_WAIT_MS) * 2 ** attempt
  const upperMs = Math.max(Math.min(grownMs, mostMs), leastMs * SPREAD)
  return leastMs + random() * (upperMs - leastMs)
}

/** The wait within the limits, after a connection that lasted `livedMs`. */
export function limitWaitMs(waitMs: number, livedMs: number): number {
  const leastMs = livedMs < SHORT_LIVED_MS ? LEAST_WAIT_MS : 0
  return Math.min(Math.max(waitMs, leastMs), MOST_WAIT_MS)
}
