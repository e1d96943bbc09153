// The loss of a run over its epochs: kept in bounded memory, thinned evenly when a run is very long.
import { createRing } from '../../charts/ring.ts'

/** A run of ten epochs has a thousand points; more than this many no screen can show. */
export const MAX_POINTS = 4096

export interface LossCurve {
  /** `epochs` done so far, as a fraction (2.5 is the middle of the third), at a moment in ms; not a number if unknown. */
  add(epochs: number, loss: number, at: number): void
  clear(): void
  readonly length: number
  /**
   * x, raw and smoothed values as far as `untilEpochs`; `smoothing` 0 follows each point, 0.95 hardly moves.
   */
  series(smoothing: number, untilEpochs: number): [x: number[], raw: number[], smoothed: number[]]
  /** When the point at `index` of the series came. */
  momentAt(index: number): number
}

export function createLossCurve(maxPoints = MAX_POINTS): LossCurve {
  let points = createRing(maxPoints, 3)
  let keepEvery = 1
  let seen = 0

  const thin = () => {
    const fewer = createRing(maxPoints, 3)
    for (let i = 0; i < points.length; i += 2) {
      fewer.push(points.at(i, 0), points.at(i, 1), points.at(i, 2))
    }
    points = fewer
    keepEvery *= 2
  }

  return {
    get length() {
      return points.length
    },
    momentAt: (index) => points.at(index, 2),
    add(epochs, loss, at) {
      if (seen++ % keepEvery !== 0) return
      if (points.length === maxPoints) thin()
      points.push(epochs, loss, at)
    },
    clear() {
      points.clear()
      keepEvery = 1
      seen = 0
    },
    series(smoothing, untilEpochs) {
      const x: number[] = []
      const raw: number[] = []
      const smoothed: number[] = []
      let average = 0
      for (let i = 0; i < points.length; i += 1) {
        if (points.at(i, 0) > untilEpochs) break
        const loss = points.at(i, 1)
        average = i === 0 ? loss : smoothing * average + (1 - smoothing) * loss
        x.push(points.at(i, 0))
        raw.push(loss)
        smoothed.push(average)
      }
      return [x, raw, smoothed]
    },
  }
}
