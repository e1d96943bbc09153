/** A first-in, first-out list with access by place; `shift` costs the same at any length. */

export interface Fifo<T> {
  readonly length: number
  push(item: T): void
  shift(): T | undefined
  /** The item at a place counted from the oldest. */
  at(index: number): T | undefined
}

/** Spent places are given back once there are this many and half of the list is spent. */
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
