/** How long to wait before the next request: exponential, with full jitter, never below what the server asked. */

/** What growth starts from where the server asks for `retry: 0`: no client may hammer. Milliseconds. */
const LEAST_BASE_MS = 500
/** A wait that the server fixed is spread by a tenth: clients cut off together must not come back together. */
const SPREAD = 1.1
/** Some thirty years: a server may ask for any wait, and dates have an end. */
export const MOST_WAIT_MS = 1e12

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
  const grownMs = Math.max(retryMs, LEAST_BASE_MS) * 2 ** attempt
  const upperMs = Math.max(Math.min(grownMs, mostMs), leastMs * SPREAD)
  return leastMs + random() * (upperMs - leastMs)
}
