// The loss of a run over its epochs, in bounded memory: a long run keeps every second point, then every fourth.
import { createRing } from '../../charts/ring.ts'

/** A run of ten epochs has 1,000 points. */
export const MAX_POINTS = 4096

export interface LossCurve {
  /** `epochs` done, as a fraction: 2.5 is the middle of the third. `at` is a time in ms, NaN if it is unknown. */
  add(epochs: number, loss: number, at: number): void
  clear(): void
  readonly length: number
  /**
   * Epochs, loss and smoothed loss up to `untilEpochs`. `smoothing` is the weight of the average so far, from 0 (no
   * smoothing) to below 1.
   */
  series(smoothing: number, untilEpochs: number): [x: number[], raw: number[], smoothed: number[]]
  /** The time of the point at `index` of the series. */
  timeAt(index: number): number
}

export function createLossCurve(maxPoints = MAX_POINTS): LossCurve {
  let points = createRing(maxPoints, 3)
  let keepEvery = 1
  let added = 0

  const halve = () => {
    const half = createRing(maxPoints, 3)
    for (let i = 0; i < points.length; i += 2) {
      half.push(points.at(i, 0), points.at(i, 1), points.at(i, 2))
    }
    points = half
    keepEvery *= 2
  }

  return {
    get length() {
      return points.length
    },
    timeAt: (index) => points.at(index, 2),
    add(epochs, loss, at) {
      if (added++ % keepEvery !== 0) return
      if (points.length === maxPoints) halve()
      points.push(epochs, loss, at)
    },
    clear() {
      points.clear()
      keepEvery = 1
      added = 0
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
