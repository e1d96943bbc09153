/** When pending events are written: at once while it is quiet, together while it is busy. */
import type { Clock } from '../clock.ts'

export interface FlushWindow {
  /**
   * Something is pending: flush at the end of this tick if a write is full of it or nothing more is to be
   * expected within the window, else when the window is over.
   */
  request(isFull?: boolean): void
  /** Flush now what was requested for later. */
  flushNow(): void
}

/** Flushing is to take no more than a twentieth of the time, as long as the window may grow. */
const WINDOW_PER_FLUSH = 20
/** How far the window may grow beyond its bound where a single flush is long: three flushes. */
const MIN_WINDOW_FLUSHES = 3

/**
 * With 100 events a second to 1,000 connections the window takes half of the CPU time of a write a tick:
 * docs/performance.md.
 *
 * @param maxWindowMs The longest an event waits for others, in milliseconds, unless three flushes
 *   take longer; 0 turns the window off: one write a tick.
 */
export function createFlushWindow(
  clock: Clock,
  maxWindowMs: number,
  flush: () => void,
): FlushWindow {
  /** A flush comes at the end of this tick. */
  let isDue = false
  /** Takes back the flush that comes when the window is over. */
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
      // The next event is likely to take as long as this one took: what comes later is not worth a wait.
      if (!isFull && pauseMs < waitMs) cancel ??= clock.after(waitMs, run)
      else {
        isDue = true
        clock.soon(run)
      }
    },
    flushNow: run,
  }

  function run(): void {
    // Another flush may have come before the one that was scheduled.
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
