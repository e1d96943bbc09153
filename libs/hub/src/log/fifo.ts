/** A first-in, first-out list with access by index; `shift` takes the same time at any length. */

export interface Fifo<T> {
  readonly length: number
  push(item: T): void
  shift(): T | undefined
  /** The item at an index; 0 is the oldest. */
  at(index: number): T | undefined
}

/** The array is copied once this many items, and half of it, have been removed. */
const COMPACT_FROM = 64

export function createFifo<T>(): Fifo<T> {
  let items: (T | undefined)[] = []
  let first = 0
  return {
    get length() {
      return items.length - first
    },
    push(item) {
      items.push(item)
    },
    shift() {
      if (first === items.length) return undefined
      const item = items[first]
      items[first] = undefined
      first += 1
      if (first >= COMPACT_FROM && first * 2 >= items.length) {
        items = items.slice(first)
        first = 0
      }
      return item
    },
    at: (index) => items[first + index],
  }
}
