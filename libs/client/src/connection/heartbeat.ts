/** How a dead connection is told from a quiet one: by the heartbeats that the server announces. */

/** Shorter heartbeats would reconnect in loops. */
const LEAST_HEARTBEAT_MS = 100
/** A longer interval would switch the watchdog off in effect. */
const MOST_HEARTBEAT_MS = 300_000
/** Silence, in heartbeats: when it is worth a question on waking up, when it is told, and when it is the end. */
export const DOUBTFUL_BEATS = 1.5
export const STALE_BEATS = 2
export const DEAD_BEATS = 3
/** Looked at twice a heartbeat: a dead link is found after three to three and a half. */
export const CHECKS_PER_BEAT = 2

/** The interval that a server announced, within the limits. 0 stays: such a server sends no heartbeats. */
export function limitHeartbeatMs(announcedMs: number): number {
  return announcedMs && Math.min(Math.max(announcedMs, LEAST_HEARTBEAT_MS), MOST_HEARTBEAT_MS)
}
