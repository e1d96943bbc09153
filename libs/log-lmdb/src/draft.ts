/**
 * One transaction before it is written: everything that a tick's calls change. Decisions are made here, synchronously and
 * against what is committed, so that a transaction that fails changes nothing.
 */
import {
  staleLease,
  topicEnded,
  type AppendOptions,
  type Leases,
  type LogEntry,
  type NewEvent,
} from '@downlink/hub'
import type { LogClock } from './clock.ts'
import {
  decodeKeyUse,
  encodeEntry,
  encodeKeyUse,
  encodeLatest,
  encodeState,
  entryKey,
  isReference,
  latestKey,
  latestRange,
  readSeq,
  seqKey,
  type LogState,
  type StoredEntry,
  type TopicRecord,
} from './records.ts'
import { STATE, type Store } from './store.ts'

export interface Limits {
  readonly maxEvents: number
  readonly maxBytes: number
  readonly maxAgeMs: number
  readonly maxSilentTopics: number
  readonly idempotencyMs: number
  readonly maxIdempotencyKeys: number
}

export interface Draft {
  /** @throws {LogError} `stale-lease` or `topic-ended`; nothing has changed then. */
  append(event: NewEvent, size: number, options: AppendOptions): { seq: number; duplicate: boolean }
  /** Deletes the oldest entries of a topic, and its latest values after the last one. False if there are more. */
  forget(topic: string): boolean
  /** Applies the limits of a topic. */
  trimTopic(topic: string): void
  /** Applies the limits of the log; afterwards the draft takes no more calls. */
  finish(): void
  /** Puts the changes; to be called within a batch of LMDB. */
  readonly write: () => void
  readonly entries: readonly LogEntry[]
  /** Whether anything changed. */
  readonly isDirty: boolean
  /** What the state is once this is committed. */
  readonly state: LogState
}

export interface DraftContext {
  readonly store: Store
  readonly limits: Limits
  readonly clock: LogClock
  readonly leases: Leases
  readonly state: LogState
}

interface TopicDraft {
  readonly record: TopicRecord
  /** The record's key among the silent topics before this draft. */
  readonly storedSilentSeq: number
  readonly added: StoredEntry[]
  /** The first of `added` that was not trimmed in this draft. */
  firstAdded: number
  /** The oldest stored entry that is left, and those after it. */
  stored: { readonly rest: Iterator<StoredEntry>; oldest: StoredEntry | undefined } | undefined
  isChanged: boolean
}

/** Entries that one transaction trims at most, beyond as many as it adds: it must not hold up the next for long. */
const MAX_TRIMMED = 5_000

export function createDraft({ store, limits, clock, leases, state: before }: DraftContext): Draft {
  const state = { ...before }
  const nowMs = clock.now()
  const logMs = clock.logMs()
  const topics = new Map<string, TopicDraft>()
  const added: StoredEntry[] = []
  const removed: StoredEntry[] = []
  /** By key: the newest entry of an event name. */
  const latest = new Map<string, StoredEntry>()
  const removedLatest: Buffer[] = []
  const keys = new Map<string, number>()
  const removedKeys: { readonly key: Buffer | undefined; readonly seq: number }[] = []
  const forgottenTopics: { readonly name: string; readonly silentSeq: number }[] = []
  let trimmed = 0
  let isChanged = false

  return {
    append(event, size, { idempotencyKey, lease, final = false, history = {} }) {
      const first = idempotencyKey === undefined ? undefined : seqOfKey(idempotencyKey)
      if (first !== undefined) return { seq: first, duplicate: true }
      if (lease && !leases.isHeld(lease)) throw staleLease(lease)
      const topic = load(event.topic)
      const { record } = topic
      if (record.hasEnded) throw topicEnded(event.topic)

      state.seq += 1
      const { topic: name, event: eventName, data } = event
      const entry = { topic: name, event: eventName, data, seq: state.seq, atMs: nowMs, logMs }
      topic.added.push(entry)
      topic.isChanged = true
      record.createdSeq ||= entry.seq
      record.newestSeq = entry.seq
      record.events += 1
      record.bytes += size
      record.hasEnded = final
      record.limits = history
      state.events += 1
      state.bytes += size
      added.push(entry)
      latest.set(`${name}\0${eventName}`, entry)
      if (idempotencyKey !== undefined) keys.set(idempotencyKey, entry.seq)
      isChanged = true
      return { seq: entry.seq, duplicate: false }
    },
    forget(name) {
      const topic = load(name)
      if (topic.record.newestSeq === 0) return true
      isChanged = true
      topic.isChanged = true
      for (let i = 0; i < MAX_TRIMMED && topic.record.events > 0; i++) dropOldest(name, topic)
      if (topic.record.events > 0) return false
      topic.record.trimmedSeq = topic.record.newestSeq
      forgetLatest(name)
      return true
    },
    trimTopic: (name) => trimTopic(load(name), name),
    finish() {
      for (const [name, topic] of topics) if (topic.isChanged) trimTopic(topic, name)
      trimLog()
      trimKeys()
      for (const topic of topics.values()) updateSilence(topic)
      forgetSilentTopics()
      // An open cursor keeps its snapshot, and LMDB cannot reuse pages that a snapshot needs.
      for (const { stored } of topics.values()) stored?.rest.return?.()
      state.atMs = nowMs
      state.logMs = logMs
    },
    write,
    entries: added,
    get isDirty() {
      return isChanged
    },
    state,
  }

  function load(name: string): TopicDraft {
    let topic = topics.get(name)
    if (!topic) {
      const record = store.topic(name) ?? {
        events: 0,
        bytes: 0,
        createdSeq: 0,
        newestSeq: 0,
        trimmedSeq: 0,
        silentSeq: 0,
        hasEnded: false,
        limits: {},
      }
      topic = {
        record,
        storedSilentSeq: record.silentSeq,
        added: [],
        firstAdded: 0,
        stored: undefined,
        isChanged: false,
      }
      topics.set(name, topic)
    }
    return topic
  }

  function seqOfKey(key: string): number | undefined {
    const inDraft = keys.get(key)
    if (inDraft !== undefined) return inDraft
    const bytes = store.keys.get(Buffer.from(key))
    if (!bytes) return undefined
    const used = decodeKeyUse(bytes)
    return logMs - used.logMs < limits.idempotencyMs ? used.seq : undefined
  }

  function oldestOf(name: string, topic: TopicDraft): StoredEntry | undefined {
    if (!topic.stored) {
      const rest = store.entries(name, topic.record.trimmedSeq, before.seq)
      topic.stored = { rest, oldest: next(rest) }
    }
    return topic.stored.oldest ?? topic.added[topic.firstAdded]
  }

  function dropOldest(name: string, topic: TopicDraft): void {
    const oldest = oldestOf(name, topic)
    if (!oldest) return
    const { record, stored } = topic
    const size = sizeOf(oldest)
    record.events -= 1
    record.bytes -= size
    record.trimmedSeq = oldest.seq
    state.events -= 1
    state.bytes -= size
    topic.isChanged = true
    isChanged = true
    trimmed += 1
    if (stored?.oldest) {
      stored.oldest = next(stored.rest)
      removed.push(oldest)
      keepLatest(oldest)
    } else {
      topic.firstAdded += 1
    }
  }

  /** A latest value refers to its entry as long as that is kept; then it gets the entry itself. */
  function keepLatest(entry: StoredEntry): void {
    const name = `${entry.topic}\0${entry.event}`
    if (latest.has(name)) return
    const bytes = store.latest.get(latestKey(entry.topic, entry.event))
    if (bytes && isReference(bytes) && readSeq(bytes) === entry.seq) latest.set(name, entry)
  }

  function forgetLatest(name: string): void {
    for (const key of latest.keys()) if (key.startsWith(`${name}\0`)) latest.delete(key)
    for (const key of store.latest.getKeys(latestRange(name))) removedLatest.push(Buffer.from(key))
  }

  function trimTopic(topic: TopicDraft, name: string): void {
    const { record } = topic
    const { maxEvents = Infinity, maxBytes = Infinity, maxAgeMs = Infinity } = record.limits
    if (Math.min(maxEvents, maxBytes, maxAgeMs) === Infinity) return
    for (let oldest = oldestOf(name, topic); oldest; oldest = oldestOf(name, topic)) {
      const isKept =
        record.events <= maxEvents && record.bytes <= maxBytes && logMs - oldest.logMs <= maxAgeMs
      if (isKept || trimmed > MAX_TRIMMED + added.length) break
      dropOldest(name, topic)
    }
  }

  function trimLog(): void {
    for (const entry of oldestOfAll()) {
      const isKept =
        state.events <= limits.maxEvents &&
        state.bytes <= limits.maxBytes &&
        logMs - entry.logMs <= limits.maxAgeMs
      if (isKept || trimmed > MAX_TRIMMED + added.length) break
      dropOldest(entry.topic, load(entry.topic))
    }
  }

  /** The entries that are kept so far, the oldest first. */
  function* oldestOfAll(): Generator<StoredEntry> {
    for (const { key, value } of store.order.getRange()) {
      const name = value.toString()
      const topic = load(name)
      if (readSeq(key) <= topic.record.trimmedSeq) continue
      const oldest = oldestOf(name, topic)
      if (oldest) yield oldest
    }
    for (const entry of added) {
      if (entry.seq > load(entry.topic).record.trimmedSeq) yield entry
    }
  }

  function trimKeys(): void {
    let count = before.idempotencyKeys + keys.size
    if (count === 0) return
    const most = MAX_TRIMMED + keys.size
    for (const { key: seqBytes, value } of store.keyOrder.getRange({ limit: most })) {
      const seq = readSeq(seqBytes)
      const bytes = store.keys.get(value)
      const used = bytes && decodeKeyUse(bytes)
      // The key was used again since: this row is left over.
      const isStale = used?.seq !== seq || keys.has(value.toString())
      const isExpired = used !== undefined && logMs - used.logMs >= limits.idempotencyMs
      if (!isStale && !isExpired && count <= limits.maxIdempotencyKeys) break
      removedKeys.push({ key: isStale ? undefined : Buffer.from(value), seq })
      count -= 1
    }
    state.idempotencyKeys = count
  }

  function updateSilence({ record, storedSilentSeq }: TopicDraft): void {
    if (record.newestSeq === 0) return
    record.silentSeq = record.events === 0 ? record.newestSeq : 0
    if (record.silentSeq > 0 && storedSilentSeq === 0) state.silentTopics += 1
    if (record.silentSeq === 0 && storedSilentSeq > 0) state.silentTopics -= 1
  }

  /** Stored topics only: those that became silent in this draft are at the end of the list anyway. */
  function forgetSilentTopics(): void {
    if (state.silentTopics <= limits.maxSilentTopics) return
    for (const { key, value } of store.silent.getRange({ limit: MAX_TRIMMED })) {
      if (state.silentTopics <= limits.maxSilentTopics) break
      const name = value.toString()
      const record = topics.get(name)?.record ?? store.topic(name)
      if (record?.silentSeq !== readSeq(key)) continue
      topics.get(name)?.stored?.rest.return?.()
      topics.delete(name)
      forgetLatest(name)
      forgottenTopics.push({ name, silentSeq: record.silentSeq })
      state.forgottenSeq = Math.max(state.forgottenSeq, record.trimmedSeq)
      state.silentTopics -= 1
    }
  }

  /** Puts only: what must go first goes first. */
  function write(): void {
    const { events, order, silent, meta } = store
    for (const key of removedLatest) void store.latest.remove(key)
    for (const { topic, seq } of removed) {
      void events.remove(entryKey(topic, seq))
      void order.remove(seqKey(seq))
    }
    for (const { key, seq } of removedKeys) {
      if (key) void store.keys.remove(key)
      void store.keyOrder.remove(seqKey(seq))
    }
    for (const { name, silentSeq } of forgottenTopics) {
      void store.topics.remove(Buffer.from(name))
      void silent.remove(seqKey(silentSeq))
    }
    for (const entry of added) {
      if (entry.seq <= (topics.get(entry.topic)?.record.trimmedSeq ?? Infinity)) continue
      void events.put(entryKey(entry.topic, entry.seq), encodeEntry(entry))
      void order.put(seqKey(entry.seq), Buffer.from(entry.topic))
    }
    for (const entry of latest.values()) {
      const isKept = entry.seq > (topics.get(entry.topic)?.record.trimmedSeq ?? Infinity)
      void store.latest.put(latestKey(entry.topic, entry.event), encodeLatest(entry, isKept))
    }
    for (const [key, seq] of keys) {
      void store.keys.put(Buffer.from(key), encodeKeyUse(seq, logMs))
      void store.keyOrder.put(seqKey(seq), Buffer.from(key))
    }
    for (const [name, { record, storedSilentSeq, isChanged: isTopicChanged }] of topics) {
      if (!isTopicChanged) continue
      if (storedSilentSeq > 0 && storedSilentSeq !== record.silentSeq) {
        void silent.remove(seqKey(storedSilentSeq))
      }
      if (record.silentSeq > 0) void silent.put(seqKey(record.silentSeq), Buffer.from(name))
      void store.topics.put(Buffer.from(name), Buffer.from(JSON.stringify(record)))
    }
    void meta.put(STATE, encodeState(state))
  }
}

function sizeOf({ topic, event, data }: LogEntry): number {
  return topic.length + Buffer.byteLength(event) + Buffer.byteLength(data)
}

function next(entries: Iterator<StoredEntry>): StoredEntry | undefined {
  const { value, done } = entries.next() as IteratorResult<StoredEntry, undefined>
  return done === true ? undefined : value
}
