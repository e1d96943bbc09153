// A series in fixed memory: rows of numbers, of which the newest `capacity` are kept.

export interface Ring {
  readonly capacity: number
  /** Rows held now, at most `capacity`. */
  readonly length: number
  /** Adds a row; the oldest goes when the ring is full. A row of another width throws. */
  push(...row: number[]): void
  /** The number in `column` of the row at `index`, where 0 is the oldest; NaN outside. */
  at(index: number, column: number): number
  /** The index of the first row whose first column is at least `value`; `length` if there is none. */
  firstAtLeast(value: number): number
  clear(): void
}

/** A ring of `capacity` rows with `width` columns. The first column is expected to grow (a time). */
export function createRing(capacity: number, width: number): Ring {
  // One flat block of doubles: pushing makes no garbage, at any rate of events.
  const cells = new Float64Array(capacity * width)
  let start = 0
  let length = 0

  const cell = (index: number, column: number) =>
    cells[((start + index) % capacity) * width + column] ?? Number.NaN

  return {
    capacity,
    get length() {
      return length
    },
    push(...row) {
      if (row.length !== width) throw new RangeError(`A row of this ring has ${width} numbers.`)
      cells.set(row, ((start + length) % capacity) * width)
      if (length < capacity) length += 1
      else start = (start + 1) % capacity
    },
    at: (index, column) => (index < 0 || index >= length ? Number.NaN : cell(index, column)),
    firstAtLeast(value) {
      let low = 0
      let high = length
      while (low < high) {
        const middle = (low + high) >> 1
        if (cell(middle, 0) < value) low = middle + 1
        else high = middle
      }
      return low
    },
    clear() {
      start = 0
      length = 0
    },
  }
}
