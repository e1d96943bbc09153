/** When pending events are written: at the end of the tick while the hub is quiet, together while it is busy. */
import type { Clock } from '@downlink/protocol'
import type { AfterTick } from '../clock.ts'

export interface FlushWindow {
  /**
   * Something is pending. It is flushed at the end of this tick if it fills a write or if no further event is expected
   * within the window, else at the end of the window.
   */
  request(isFull?: boolean): void
  /** Flushes now what was requested for later. */
  flushNow(): void
}

/** The window grows with the duration of a flush, so that flushing takes at most a twentieth of the time. */
const WINDOW_PER_FLUSH = 20
/** The window may exceed `maxWindowMs` where flushes are long: up to three flushes. */
const MIN_WINDOW_FLUSHES = 3

/**
 * With 100 events per second to 1,000 connections the window halves the CPU time, compared with one write per tick:
 * docs/performance.md.
 *
 * @param maxWindowMs How long an event may wait for others, in milliseconds, unless three flushes take longer. 0 turns
 *   the window off: one write per tick.
 */
export function createFlushWindow(
  clock: Clock,
  afterTick: AfterTick,
  maxWindowMs: number,
  flush: () => void,
): FlushWindow {
  /** A flush is scheduled for the end of this tick. */
  let isDue = false
  /** Cancels the flush at the end of the window. */
  let cancel: (() => void) | undefined
  let lastEventAtMs = -Infinity
  let lastFlushAtMs = -Infinity
  let windowMs = 0
  return {
    request(isFull = false) {
      if (isDue) return
      const nowMs = clock.now()
      const waitMs = lastFlushAtMs + windowMs - nowMs
      const pauseMs = nowMs - lastEventAtMs
      lastEventAtMs = nowMs
      // The next event is likely to take as long as this one took. If it would come too late, there is nothing to wait for.
      if (!isFull && pauseMs < waitMs) cancel ??= clock.after(waitMs, run)
      else {
        isDue = true
        afterTick(run)
      }
    },
    flushNow: run,
  }

  function run(): void {
    // A flush by `flushNow` may have run before the scheduled one.
    if (!isDue && !cancel) return
    isDue = false
    cancel?.()
    cancel = undefined
    const startMs = clock.now()
    flush()
    const tookMs = clock.now() - startMs
    lastFlushAtMs = startMs
    if (maxWindowMs > 0) {
      windowMs = Math.min(
        WINDOW_PER_FLUSH * tookMs,
        Math.max(maxWindowMs, MIN_WINDOW_FLUSHES * tookMs),
      )
    }
  }
}
