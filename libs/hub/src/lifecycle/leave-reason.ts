/** Why a subscriber left: a named value, counted and told in `downlink.bye`. */

export const LEAVE_REASONS = [
  /** The other side closed the connection. */
  'client',
  /** More waited for it than its bound allows, or the log had trimmed what it was still to replay. */
  'too-slow',
  /** Its longest lifetime was over; it may come back at once. */
  'lifetime',
  /** The hub closes. */
  'draining',
  /** Every topic of it has ended. */
  'ended',
  /** The caller let it go, for a reason of its own. */
  'dismissed',
  /** The log failed while its events were read back. */
  'error',
] as const

export type LeaveReason = (typeof LEAVE_REASONS)[number]

/** Whether a client that left so should come back. */
export function comesBack(reason: LeaveReason): boolean {
  return reason !== 'ended' && reason !== 'dismissed'
}
