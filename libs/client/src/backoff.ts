/** How long to wait before the next request: exponential, with full jitter, never below what the server asked. */

export interface BackoffBounds {
  /** The least wait: the reconnection time, or Retry-After where it is longer. Milliseconds. */
  readonly leastMs: number
  /** What doubles with each attempt. Milliseconds. */
  readonly baseMs: number
  /** The most wait that growth reaches; `leastMs` may lie above it. Milliseconds. */
  readonly mostMs: number
}

/** Doubling stops to matter long before, and 2 ** attempt must stay finite. */
const MAX_DOUBLINGS = 30
/** A wait that the server fixed is spread by a tenth: clients cut off together must not come back together. */
const SPREAD = 0.1

/**
 * The wait before attempt `attempt` (from 1) in milliseconds: anywhere between `leastMs` and
 * `baseMs * 2 ** attempt`, which stops at `mostMs`. `random` gives 0 to below 1.
 */
export function backoffMs(attempt: number, bounds: BackoffBounds, random: () => number): number {
  const grownMs = bounds.baseMs * 2 ** Math.min(attempt, MAX_DOUBLINGS)
  const upperMs = Math.max(Math.min(grownMs, bounds.mostMs), bounds.leastMs * (1 + SPREAD))
  return bounds.leastMs + random() * (upperMs - bounds.leastMs)
}
