/** Tells a dead connection from a quiet one: it counts the silence in the server's heartbeats. */
import { wait, type Clock } from './clock.ts'

const STALE_HEARTBEATS = 2
const DEAD_HEARTBEATS = 3
/** Looked at twice a heartbeat: a dead link is found after three to three and a half. */
const CHECKS_PER_HEARTBEAT = 2

/**
 * Calls `onStale` at each check after two silent heartbeats, and `onDead` once after three. Heartbeats of 0 ms
 * are not watched. `silentMs` says how long nothing was received. Returns how to stop.
 */
export function watchSilence(
  clock: Clock,
  heartbeatMs: number,
  silentMs: () => number,
  onStale: () => void,
  onDead: () => void,
): () => void {
  let stop = (): void => undefined
  if (heartbeatMs > 0) watch()
  return () => stop()

  function watch(): void {
    stop = wait(clock, heartbeatMs / CHECKS_PER_HEARTBEAT, () => {
      const beats = silentMs() / heartbeatMs
      if (beats < DEAD_HEARTBEATS) {
        watch()
        if (beats >= STALE_HEARTBEATS) onStale()
      } else onDead()
    })
  }
}
