// The moment that is being read on one of the page's charts: all the others show what they have of it.

export class Crosshair {
  #at = $state.raw<number | null>(null)
  #by = $state.raw<object | null>(null)

  /** In ms since 1970; null while nothing is read. */
  get at(): number | null {
    return this.#at
  }

  /** The moment, unless it is `me` on which it is read. */
  elsewhere(me: object): number | null {
    return this.#by === me ? null : this.#at
  }

  /** The reader of the chart `me` is at the moment `at`, or has left with null. Not a number is a row without one. */
  point(me: object, at: number | null): void {
    if (at === null || Number.isNaN(at)) {
      if (this.#by !== me) return
      this.#by = this.#at = null
      return
    }
    this.#by = me
    this.#at = at
  }
}

/** A moment this far outside of the rows is none of theirs. */
const NEAR_MS = 2500

/** The row whose moment is nearest to `at`; null where none is near. `momentOf` may be not a number for some. */
export function nearestRow(
  rows: number,
  momentOf: (index: number) => number,
  at: number,
): number | null {
  let nearest: number | null = null
  let leastMs = NEAR_MS
  for (let index = 0; index < rows; index += 1) {
    const awayMs = Math.abs(momentOf(index) - at)
    if (awayMs > leastMs || Number.isNaN(awayMs)) continue
    leastMs = awayMs
    nearest = index
  }
  return nearest
}
