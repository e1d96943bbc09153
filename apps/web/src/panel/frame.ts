// One animation frame for the whole page: what changes many times between two frames is drawn once.

export interface Frame {
  /**
   * Runs `draw` in an animation frame, once however often it is asked. The first to ask is drawn at once, and then
   * there are at most five frames a second: nobody reads faster, and a frame costs the browser milliseconds of layout
   * and paint even where little has changed. A hidden tab has no frames.
   */
  ask(draw: () => void): void
  /** Calls `listener` after the draws of every frame; returns how to stop. */
  alongside(listener: () => void): () => void
}

const LEAST_MS = 200
/** Kept from the start: a test that stops the clock does not stop drawing. */
const later = setTimeout

export function createFrame(request: (callback: () => void) => void = paced()): Frame {
  const waiting = new Set<() => void>()
  const companions = new Set<() => void>()
  const drawAll = () => {
    const draws = [...waiting]
    waiting.clear()
    for (const draw of [...draws, ...companions]) draw()
  }
  return {
    ask(draw) {
      if (waiting.size === 0) request(drawAll)
      waiting.add(draw)
    },
    alongside(listener) {
      companions.add(listener)
      return () => void companions.delete(listener)
    },
  }
}

export const frame = createFrame()

function paced(): (callback: () => void) => void {
  let drawnAt = Number.NEGATIVE_INFINITY
  return (callback) => {
    const draw = () => {
      requestAnimationFrame(() => {
        drawnAt = performance.now()
        callback()
      })
    }
    // Never longer: in tests the clock is set back.
    const waitMs = Math.min(LEAST_MS, drawnAt + LEAST_MS - performance.now())
    if (waitMs > 0) later(draw, waitMs)
    else draw()
  }
}
