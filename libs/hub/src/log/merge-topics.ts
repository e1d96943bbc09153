/** Merges the entries of several topics by seq, and reads no more of them than the page needs. */
import { utf8Length } from '../utf8.ts'
import type { LogEntry, ReadLimit } from './event-log.ts'

/** A position in the entries of one topic. */
export interface TopicCursor {
  /** The entry at the cursor. */
  entry: LogEntry
  /** Moves to the next entry; false at the end. */
  next(): boolean
}

export interface Merged {
  readonly entries: LogEntry[]
  /** Whether the limit left entries out. */
  readonly more: boolean
}

/**
 * The next entries of all cursors in order, within the limit. The cursors are each in order and share no entry. Costs a
 * step of a heap per entry.
 */
export function mergeTopics(cursors: readonly TopicCursor[], limit: ReadLimit): Merged {
  // A sorted array is a heap.
  const heap = [...cursors].sort((a, b) => a.entry.seq - b.entry.seq)
  const entries: LogEntry[] = []
  let bytes = 0
  for (let top = heap[0]; top; top = heap[0]) {
    bytes += entryBytes(top.entry)
    const isOver = entries.length >= limit.maxEvents || bytes > limit.maxBytes
    if (isOver && entries.length > 0) return { entries, more: true }
    entries.push(top.entry)
    if (!top.next()) {
      const last = heap.pop()
      if (last && last !== top) heap[0] = last
    }
    siftDown(heap)
  }
  return { entries, more: false }
}

/** Bytes of names and data as UTF-8: what the limits of logs count. */
export function entryBytes({ topic, event, data }: LogEntry): number {
  return topic.length + utf8Length(event) + utf8Length(data)
}

/** Moves the first cursor down until no child comes before it. */
function siftDown(heap: TopicCursor[]): void {
  const moving = heap[0]
  if (!moving) return
  let index = 0
  for (;;) {
    const left = 2 * index + 1
    const right = left + 1
    let child = heap[left]
    let childIndex = left
    const other = heap[right]
    if (child && other && other.entry.seq < child.entry.seq) {
      child = other
      childIndex = right
    }
    if (!child || child.entry.seq >= moving.entry.seq) break
    heap[index] = child
    index = childIndex
  }
  heap[index] = moving
}
