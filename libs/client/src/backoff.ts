/** How long to wait before the next request: exponential, with full jitter, never below what the server asked. */

/** What growth starts from where the server asks for `retry: 0`: no client may hammer. Milliseconds. */
const LEAST_BASE_MS = 500
/** Doubling stops to matter long before, and 2 ** attempt must stay finite. */
const MAX_DOUBLINGS = 30
/** A wait that the server fixed is spread by a tenth: clients cut off together must not come back together. */
const SPREAD = 1.1

/**
 * The wait before attempt `attempt` (from 1) in milliseconds: anywhere from `leastMs`, to `retryMs` doubled with
 * each attempt, which stops at `mostMs`. `random` gives 0 to below 1.
 */
export function backoffMs(
  attempt: number,
  retryMs: number,
  leastMs: number,
  mostMs: number,
  random: () => number,
): number {
  const grownMs = Math.max(retryMs, LEAST_BASE_MS) * 2 ** Math.min(attempt, MAX_DOUBLINGS)
  const upperMs = Math.max(Math.min(grownMs, mostMs), leastMs * SPREAD)
  return leastMs + random() * (upperMs - leastMs)
}
