/** Tells a dead connection from a quiet one: it counts the silence in the server's heartbeats. */
import { wait, type Clock } from './clock.ts'

const STALE_HEARTBEATS = 2
const DEAD_HEARTBEATS = 3
/** Looked at twice a heartbeat: a dead link is found after three to three and a half. */
const CHECKS_PER_HEARTBEAT = 2

export interface Watchdog {
  /** Something was received. */
  heard(): void
  /** How long nothing was received, in milliseconds, sleep included. */
  silentMs(): number
  stop(): void
}

/**
 * Calls `onStale` at each check after two silent heartbeats, and `onDead` once after three. Heartbeats of 0 ms
 * are not watched.
 */
export function createWatchdog(
  clock: Clock,
  heartbeatMs: number,
  onStale: (silentMs: number) => void,
  onDead: () => void,
): Watchdog {
  let heardAt = clock.now()
  let stop = (): void => undefined
  if (heartbeatMs > 0) watch()

  return {
    heard: () => void (heardAt = clock.now()),
    silentMs,
    stop: () => stop(),
  }

  function watch(): void {
    stop = wait(clock, heartbeatMs / CHECKS_PER_HEARTBEAT, () => {
      const beats = silentMs() / heartbeatMs
      if (beats < DEAD_HEARTBEATS) {
        watch()
        if (beats >= STALE_HEARTBEATS) onStale(silentMs())
      } else onDead()
    })
  }

  function silentMs(): number {
    // The clock may be set back: then the count begins anew.
    heardAt = Math.min(heardAt, clock.now())
    return clock.now() - heardAt
  }
}
