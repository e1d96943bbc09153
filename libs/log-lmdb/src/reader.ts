/** Reading: what is committed, of the topics asked for, up to what followers were told. */
import {
  mergeTopics,
  type EventLog,
  type LogEntry,
  type LogPage,
  type ReadLimit,
  type TopicCursor,
  type TopicGapReason,
} from '@downlink/hub'
import type { EventId } from '@downlink/protocol'
import type { LogClock } from './clock.ts'
import {
  decodeEntry,
  decodeLatest,
  entryKey,
  isReference,
  latestRange,
  readSeq,
  type LogState,
  type StoredEntry,
} from './records.ts'
import type { Store } from './store.ts'

export interface ReaderOptions {
  readonly store: Store
  readonly epoch: string
  /** Events up to here may be lost. */
  readonly lostSeq: number
  readonly limits: { readonly maxAgeMs: number }
  readonly clock: LogClock
  state(): LogState
  /** Applies the limits of the log and of these topics. */
  trim(topics: readonly string[]): Promise<void>
}

export function createReader(options: ReaderOptions): Pick<EventLog, 'readAfter' | 'latest'> {
  const { store, epoch, lostSeq, limits, clock } = options

  return {
    async readAfter(position, names, limit) {
      const topics = [...new Set(names)]
      store.env.resetReadTxn()
      // A disk that is full keeps old events for longer, and does not prevent reading.
      if (hasExpired(topics)) await options.trim(topics).catch(() => undefined)
      return read(position, topics, limit)
    },
    latest(names) {
      store.env.resetReadTxn()
      const entries = [...new Set(names)].flatMap((name) => [...latestOf(name)])
      return Promise.resolve(entries.sort((a, b) => a.seq - b.seq).map(withoutLogMs))
    },
  }

  function read(position: EventId | 'start', topics: readonly string[], limit: ReadLimit): LogPage {
    const { seq, forgottenSeq } = options.state()
    const after = position === 'start' ? 0 : position.seq
    if (position !== 'start') {
      if (position.epoch !== epoch) return { ok: false, reason: 'unknown-epoch' }
      if (after > seq) return { ok: false, reason: 'future' }
    }
    store.env.resetReadTxn()
    const gaps = new Map<string, TopicGapReason>()
    const cursors: (TopicCursor & { close(): void })[] = []
    for (const name of topics) {
      const record = store.topic(name)
      const trimmedSeq = record?.trimmedSeq ?? forgottenSeq
      // From the start, only a topic from before the crash is known to have lost events.
      const isLost = position === 'start' ? record && record.createdSeq <= lostSeq : true
      if (isLost && after < lostSeq) gaps.set(name, 'lost')
      else if (after < trimmedSeq) gaps.set(name, 'trimmed')
      if (!record || record.newestSeq <= after) continue
      if (position !== 'start' && gaps.has(name)) continue
      const cursor = cursorOf(store.entries(name, Math.max(after, trimmedSeq), seq))
      if (cursor) cursors.push(cursor)
    }
    const { entries, more } = mergeTopics(cursors, limit)
    for (const cursor of cursors) cursor.close()
    return { ok: true, entries, through: more ? (entries.at(-1)?.seq ?? seq) : seq, gaps }
  }

  function hasExpired(topics: readonly string[]): boolean {
    const logMs = clock.logMs()
    const [oldest] = store.order.getRange({ limit: 1 })
    if (oldest) {
      const seq = readSeq(oldest.key)
      const bytes = store.events.get(entryKey(oldest.value.toString(), seq))
      if (bytes && logMs - decodeEntry('', seq, bytes).logMs > limits.maxAgeMs) return true
    }
    return topics.some((name) => {
      const record = store.topic(name)
      const maxAgeMs = record?.limits.maxAgeMs
      if (!record || maxAgeMs === undefined) return false
      const entries = store.entries(name, record.trimmedSeq, record.newestSeq)
      const { value } = entries.next() as IteratorResult<StoredEntry, undefined>
      entries.return?.()
      return value !== undefined && logMs - value.logMs > maxAgeMs
    })
  }

  function* latestOf(topic: string): Generator<StoredEntry> {
    for (const { value } of store.latest.getRange(latestRange(topic))) {
      if (isReference(value)) {
        const seq = readSeq(value)
        const bytes = store.events.get(entryKey(topic, seq))
        if (bytes) yield decodeEntry(topic, seq, bytes)
      } else {
        yield decodeLatest(topic, value)
      }
    }
  }
}

function cursorOf(entries: Iterator<StoredEntry>): (TopicCursor & { close(): void }) | undefined {
  const first = entries.next() as IteratorResult<StoredEntry, undefined>
  if (first.done === true) return undefined
  return {
    entry: withoutLogMs(first.value),
    next() {
      const { value } = entries.next() as IteratorResult<StoredEntry, undefined>
      if (value) this.entry = withoutLogMs(value)
      return value !== undefined
    },
    close: () => void entries.return?.(),
  }
}

function withoutLogMs({ topic, event, data, seq, atMs }: StoredEntry): LogEntry {
  return { topic, event, data, seq, atMs }
}
