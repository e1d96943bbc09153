/** The entries of one topic in the memory log, and the state that is kept after they are trimmed. */
import type { HistoryLimits, LogEntry } from './event-log.ts'
import { createFifo, type Fifo } from './fifo.ts'
import { entryBytes, type TopicCursor } from './merge-topics.ts'

export interface TopicHistory {
  readonly entries: Fifo<LogEntry>
  readonly latest: Map<string, LogEntry>
  bytes: number
  newestSeq: number
  /** The newest seq that was trimmed from this topic. */
  trimmedSeq: number
  /** Whether its final event was appended. */
  hasEnded: boolean
  limits: HistoryLimits
}

export function createTopicHistory(): TopicHistory {
  return {
    entries: createFifo(),
    latest: new Map(),
    bytes: 0,
    newestSeq: 0,
    trimmedSeq: 0,
    hasEnded: false,
    limits: {},
  }
}

/** Removes the oldest entry and returns its size in bytes. */
export function trimOldest(topic: TopicHistory): number {
  const oldest = topic.entries.shift()
  if (!oldest) return 0
  const bytes = entryBytes(oldest)
  topic.bytes -= bytes
  topic.trimmedSeq = oldest.seq
  return bytes
}

/** Whether the topic's own limits no longer allow its oldest entry. */
export function isOverLimits(topic: TopicHistory, nowMs: number): boolean {
  const oldest = topic.entries.at(0)
  if (!oldest) return false
  const { maxEvents = Infinity, maxBytes = Infinity, maxAgeMs = Infinity } = topic.limits
  return (
    topic.entries.length > maxEvents || topic.bytes > maxBytes || nowMs - oldest.atMs > maxAgeMs
  )
}

/** The cursor at the first entry after a seq, or undefined if there is none. Costs a binary search. */
export function cursorAfter(entries: Fifo<LogEntry>, after: number): TopicCursor | undefined {
  let index = firstAfter(entries, after)
  const first = entries.at(index)
  if (!first) return undefined
  return {
    entry: first,
    next() {
      index += 1
      const entry = entries.at(index)
      if (entry) this.entry = entry
      return entry !== undefined
    },
  }
}

/** The index of the first entry after a seq; the length if there is none. */
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
