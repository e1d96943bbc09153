/** Tells a dead connection from a quiet one: it counts the silence in the server's heartbeats. */
import { every, type Clock } from './clock.ts'

const STALE_HEARTBEATS = 2
const DEAD_HEARTBEATS = 3
/** Looked at twice a heartbeat: a dead link is found after three to three and a half. */
const CHECKS_PER_HEARTBEAT = 2

export interface Watchdog {
  /** Something was received. */
  heard(): void
  /** The server's interval between heartbeats, in milliseconds; 0 stops the watch. */
  setHeartbeat(heartbeatMs: number): void
  /** How long nothing was received, in milliseconds, sleep included. */
  silentMs(): number
  stop(): void
}

/** Calls `onStale` once after two silent heartbeats and `onDead` after three; `heard()` begins anew. */
export function createWatchdog(
  clock: Clock,
  heartbeatMs: number,
  on: { stale(): void; dead(): void },
): Watchdog {
  let countedMs = 0
  let countedAt = clock.now()
  let stale = false
  let stop = watch()

  return {
    heard() {
      countedMs = 0
      countedAt = clock.now()
      stale = false
    },
    setHeartbeat(ms) {
      heartbeatMs = ms
      stop()
      stop = watch()
    },
    silentMs: () => countedMs + Math.max(0, clock.now() - countedAt),
    stop: () => stop(),
  }

  function watch(): () => void {
    if (heartbeatMs <= 0) return () => undefined
    const stepMs = heartbeatMs / CHECKS_PER_HEARTBEAT
    return every(
      clock,
      () => stepMs,
      () => {
        // The part of a step since `heard()` is what the clock says, unless it was set back.
        const sinceMs = clock.now() - countedAt
        countedMs += sinceMs < 0 ? stepMs : sinceMs
        countedAt = clock.now()
        if (countedMs >= heartbeatMs * DEAD_HEARTBEATS) {
          on.dead()
          return false
        }
        if (!stale && countedMs >= heartbeatMs * STALE_HEARTBEATS) {
          stale = true
          on.stale()
        }
        return true
      },
    )
  }
}
