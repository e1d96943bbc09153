/** How a dead connection is distinguished from a quiet one: by the heartbeats that the server announces. */

/** A shorter interval would make the link reconnect in a loop. */
const MIN_HEARTBEAT_MS = 100
/** A longer interval would in effect disable the check. */
const MAX_HEARTBEAT_MS = 300_000
/** After this silence, in heartbeats, the connection is replaced when the page becomes visible or the network is back. */
export const DOUBTFUL_BEATS = 1.5
/** After this silence the status is `stale`. */
export const STALE_BEATS = 2
/** After this silence the connection is replaced. */
export const DEAD_BEATS = 3
/** With two checks per heartbeat, a dead connection is detected after 3 to 3.5 heartbeats. */
export const CHECKS_PER_BEAT = 2

/** The interval that a server announced, within the limits. 0 stays 0: such a server sends no heartbeats. */
export function limitHeartbeatMs(announcedMs: number): number {
  return announcedMs && Math.min(Math.max(announcedMs, MIN_HEARTBEAT_MS), MAX_HEARTBEAT_MS)
}
