/** Merges the entries of several topics by seq, and reads no more of them than the page needs. */
import type { LogEntry } from './event-log.ts'
import type { Fifo } from './fifo.ts'

interface Cursor {
  readonly entries: Fifo<LogEntry>
  index: number
  /** The entry at `index`. */
  next: LogEntry
}

/**
 * The first `limit` entries after a seq, in order. `topics` are each in order and share no entry. Costs a binary search
 * per topic, and a step of a heap per entry.
 */
export function mergeTopics(
  topics: readonly Fifo<LogEntry>[],
  after: number,
  limit: number,
): LogEntry[] {
  const heap: Cursor[] = []
  for (const entries of topics) {
    const index = firstAfter(entries, after)
    const next = entries.at(index)
    if (next) heap.push({ entries, index, next })
  }
  // A sorted array is a heap.
  heap.sort((a, b) => a.next.seq - b.next.seq)

  const merged: LogEntry[] = []
  for (let top = heap[0]; top && merged.length < limit; top = heap[0]) {
    merged.push(top.next)
    top.index += 1
    const next = merged.length < limit ? top.entries.at(top.index) : undefined
    if (next) top.next = next
    else {
      const last = heap.pop()
      if (last && last !== top) heap[0] = last
    }
    siftDown(heap)
  }
  return merged
}

/** Moves the first cursor down until no child comes before it. */
function siftDown(heap: Cursor[]): void {
  const moving = heap[0]
  if (!moving) return
  let place = 0
  for (;;) {
    const left = 2 * place + 1
    const right = left + 1
    let child = heap[left]
    let childPlace = left
    const other = heap[right]
    if (child && other && other.next.seq < child.next.seq) {
      child = other
      childPlace = right
    }
    if (!child || child.next.seq >= moving.next.seq) break
    heap[place] = child
    place = childPlace
  }
  heap[place] = moving
}

/** The index of the first entry after a seq; the length where there is none. */
function firstAfter(entries: Fifo<LogEntry>, after: number): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries.at(middle)?.seq ?? 0) > after) high = middle
    else low = middle + 1
  }
  return low
}
