// The moment that is read on one chart, which the other charts mark.

export class Crosshair {
  #at = $state.raw<number | null>(null)
  #chart = $state.raw<object | null>(null)

  /** In ms since 1970; null if no chart is read. */
  get at(): number | null {
    return this.#at
  }

  /** The moment if it is read on another chart than `chart`. */
  elsewhere(chart: object): number | null {
    return this.#chart === chart ? null : this.#at
  }

  /** The reader of `chart` moves to the time `at`, or leaves with null. NaN is a row without a time. */
  move(chart: object, at: number | null): void {
    if (at === null || Number.isNaN(at)) {
      if (this.#chart !== chart) return
      this.#chart = this.#at = null
      return
    }
    this.#chart = chart
    this.#at = at
  }
}

/** A row further away than this is not marked. */
const MAX_DISTANCE_MS = 2500

/** The index of the row whose time is nearest to `at`; null if none is near. Rows with the time NaN are skipped. */
export function nearestRow(
  rows: number,
  timeAt: (index: number) => number,
  at: number,
): number | null {
  let nearest: number | null = null
  let minMs = MAX_DISTANCE_MS
  for (let index = 0; index < rows; index += 1) {
    const distanceMs = Math.abs(timeAt(index) - at)
    if (distanceMs > minMs || Number.isNaN(distanceMs)) continue
    minMs = distanceMs
    nearest = index
  }
  return nearest
}
