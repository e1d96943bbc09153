// A ring buffer of rows of numbers: the newest `capacity` rows, in fixed memory.

export interface Ring {
  readonly capacity: number
  /** Number of rows, at most `capacity`. */
  readonly length: number
  /** Adds a row. A full ring drops its oldest one. @throws {RangeError} for a row of another width */
  push(...row: number[]): void
  /** The number in `column` of the row at `index`; 0 is the oldest row. NaN for an index without a row. */
  at(index: number, column: number): number
  /** The index of the first row whose first column is at least `value`; `length` without such a row. */
  firstAtLeast(value: number): number
  clear(): void
}

/** A ring of `capacity` rows with `width` columns. The first column must not decrease; it is a time. */
export function createRing(capacity: number, width: number): Ring {
  // One flat array of doubles, so that a push allocates nothing.
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
