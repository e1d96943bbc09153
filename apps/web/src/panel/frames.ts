// One animation frame for the whole page: a value that changes several times between two frames is drawn once.

export interface FrameScheduler {
  /**
   * Runs `draw` in the next frame, once, even if it is requested several times. There are at most five frames per
   * second, because each one costs the browser milliseconds of layout and paint, and numbers cannot be read faster. A
   * hidden tab has no frames.
   */
  request(draw: () => void): void
  /** Calls `listener` after the draws of every frame; returns a function that stops this. */
  onFrame(listener: () => void): () => void
}

const MIN_INTERVAL_MS = 200
/** Taken when the module loads, so that drawing continues in tests that fake `setTimeout`. */
const realSetTimeout = setTimeout

/** `requestFrame` calls back once, in a frame. By default that is `requestAnimationFrame`, five times per second. */
export function createFrameScheduler(
  requestFrame: (callback: () => void) => void = throttled(),
): FrameScheduler {
  const pending = new Set<() => void>()
  const listeners = new Set<() => void>()
  const drawAll = () => {
    const draws = [...pending]
    pending.clear()
    for (const call of [...draws, ...listeners]) call()
  }
  return {
    request(draw) {
      if (pending.size === 0) requestFrame(drawAll)
      pending.add(draw)
    },
    onFrame(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

export const frames = createFrameScheduler()

function throttled(): (callback: () => void) => void {
  let drawnAt = Number.NEGATIVE_INFINITY
  return (callback) => {
    const draw = () => {
      requestAnimationFrame(() => {
        drawnAt = performance.now()
        callback()
      })
    }
    // Tests set the clock back, so the wait is limited to one interval.
    const waitMs = Math.min(MIN_INTERVAL_MS, drawnAt + MIN_INTERVAL_MS - performance.now())
    if (waitMs > 0) realSetTimeout(draw, waitMs)
    else draw()
  }
}
