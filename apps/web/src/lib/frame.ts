// One animation frame for the whole page: what changes many times between two frames is drawn once.

export interface Frame {
  /** Runs `draw` in the next animation frame, once however often it is asked. A hidden tab has no frames. */
  ask(draw: () => void): void
}

export function createFrame(
  request: (callback: () => void) => void = (callback) => void requestAnimationFrame(callback),
): Frame {
  const waiting = new Set<() => void>()
  const drawAll = () => {
    const draws = [...waiting]
    waiting.clear()
    for (const draw of draws) draw()
  }
  return {
    ask(draw) {
      if (waiting.size === 0) request(drawAll)
      waiting.add(draw)
    },
  }
}

export const frame = createFrame()
