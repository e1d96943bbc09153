/** An event log in the memory of one process, limited by count, bytes and age. */
import { formatEventId, type EventId } from '@downlink/protocol'
import { createFifo } from './fifo.ts'
import { checkAtLeast } from '../options.ts'
import { checkAppend } from './check-append.ts'
import type {
  Appended,
  AppendOptions,
  EventLog,
  LogEntry,
  LogFollower,
  LogPage,
  NewEvent,
  ReadLimit,
  TopicGapReason,
} from './event-log.ts'
import { createIdempotencyKeys } from './idempotency-keys.ts'
import { createLeases } from './leases.ts'
import { LogError, staleLease, topicEnded } from './log-error.ts'
import { entryBytes, mergeTopics } from './merge-topics.ts'
import {
  createTopicHistory,
  cursorAfter,
  isOverLimits,
  trimOldest,
  type TopicHistory,
} from './topic-history.ts'

export interface MemoryLogOptions {
  /** The most events kept. Default 20,000; the oldest goes first. */
  readonly maxEvents?: number
  /** The most bytes of names and data kept, as UTF-8. Default 16 MiB; the oldest goes first. */
  readonly maxBytes?: number
  /** The longest an event is kept, in milliseconds. Default 10 minutes. */
  readonly maxAgeMs?: number
  /** The most bytes of data of one event, as UTF-8. Default 4 MiB, which fits all that a contract accepts; more is rejected with `too-large`. */
  readonly maxEventBytes?: number
  /**
   * The most topics without a kept event whose latest values, trimmed positions and final events are remembered.
   * Default 10,000; beyond, the one silent for longest is forgotten, and resuming it is a gap.
   */
  readonly maxSilentTopics?: number
  /** How long an idempotency key is remembered, in milliseconds. Default 5 minutes. */
  readonly idempotencyMs?: number
  /** The most idempotency keys remembered. Default 100,000; beyond, the oldest is forgotten before its time. */
  readonly maxIdempotencyKeys?: number
  /** The epoch of all ids. Default: random, so that ids of an earlier process are detected. */
  readonly epoch?: string
  /** Milliseconds on a clock that never goes back, from any start. Default `performance.now`. */
  readonly now?: () => number
}

const DEFAULTS = {
  maxEvents: 20_000,
  maxBytes: 16 * 2 ** 20,
  maxAgeMs: 10 * 60_000,
  maxEventBytes: 4 * 2 ** 20,
  maxSilentTopics: 10_000,
  idempotencyMs: 5 * 60_000,
  maxIdempotencyKeys: 100_000,
}
/** Entries that their topic trimmed are removed from the list of all entries once there are this many, and more than kept. */
const COMPACT_FROM = 1_000

/**
 * Trimming is remembered per topic: a subscriber of a quiet topic can resume from an id that is older than all kept
 * events, if no event of its own topics was trimmed.
 *
 * @throws {HubError} `invalid-option` for a limit below 0.
 * @throws {ContractError} `invalid-id` for an epoch that is not valid in an id.
 */
export function createMemoryLog(options: MemoryLogOptions = {}): EventLog {
  const settings = { ...DEFAULTS, ...options }
  const { maxEvents, maxBytes, maxAgeMs, maxEventBytes, maxSilentTopics } = settings
  const epoch = options.epoch ?? randomEpoch()
  const now = options.now ?? (() => performance.now())
  for (const option of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[])
    checkAtLeast('createMemoryLog', option, settings[option], 0)
  formatEventId({ epoch, seq: 0 })

  /** Every entry in order. Entries that their topic's own limits trimmed stay until they are the oldest. */
  let all = createFifo<LogEntry>()
  const topics = new Map<string, TopicHistory>()
  /** Topics without a kept entry, the one silent for longest first. */
  const silent = new Set<string>()
  const followers = new Set<LogFollower>()
  const keys = createIdempotencyKeys({
    now,
    lifetimeMs: settings.idempotencyMs,
    maxKeys: settings.maxIdempotencyKeys,
  })
  let lastToken = 0
  const leases = createLeases({ now, nextToken: () => (lastToken += 1) })
  let seq = 0
  let events = 0
  let bytes = 0
  /** The newest trimmed seq of all forgotten topics. */
  let forgottenSeq = 0
  let isClosed = false

  return {
    append: (event, appendOptions = {}) => settle(() => append(event, appendOptions)),
    readAfter: (position, names, limit) => settle(() => read(position, names, limit)),
    latest: (names) => settle(() => latest(names)),
    now,
    follow(follower) {
      followers.add(follower)
      follower.onPosition({ epoch, seq })
      return () => followers.delete(follower)
    },
    lease: (name, ttlMs) => settle(() => leases.take(name, ttlMs)),
    forget: (name) => settle(() => forget(name)),
    close() {
      isClosed = true
      return Promise.resolve()
    },
  }

  /** Calls a function immediately; an exception becomes a rejection. */
  function settle<T>(call: () => T): Promise<T> {
    return new Promise((resolve) => {
      if (isClosed) throw new LogError('closed', 'This memory log is closed: create another one.')
      resolve(call())
    })
  }

  function append(event: NewEvent, appendOptions: AppendOptions): Appended {
    checkAppend(event, appendOptions, maxEventBytes)
    const { idempotencyKey, lease, final = false, history = {} } = appendOptions
    const first = idempotencyKey === undefined ? undefined : keys.idOf(idempotencyKey)
    if (first) return { id: first, duplicate: true }
    if (lease && !leases.isHeld(lease)) throw staleLease(lease)
    const topic = topics.get(event.topic) ?? createTopicHistory()
    if (topic.hasEnded) throw topicEnded(event.topic)

    seq += 1
    const entry: LogEntry = {
      topic: event.topic,
      event: event.event,
      data: event.data,
      seq,
      atMs: now(),
    }
    topic.hasEnded = final
    topic.limits = history
    topics.set(entry.topic, topic)
    keep(topic, entry)
    const id: EventId = { epoch, seq }
    if (idempotencyKey !== undefined) keys.add(idempotencyKey, id)
    trimTopic(entry.topic, topic)
    trim()
    for (const follower of followers) follower.onEntries([entry])
    return { id, duplicate: false }
  }

  function keep(topic: TopicHistory, entry: LogEntry): void {
    const size = entryBytes(entry)
    topic.entries.push(entry)
    topic.latest.set(entry.event, entry)
    topic.bytes += size
    topic.newestSeq = entry.seq
    silent.delete(entry.topic)
    all.push(entry)
    events += 1
    bytes += size
  }

  /** Applies the log's own limits. */
  function trim(): void {
    const oldestMs = now() - maxAgeMs
    for (let oldest = all.at(0); oldest; oldest = all.at(0)) {
      const topic = topics.get(oldest.topic)
      const isKept = topic !== undefined && oldest.seq > topic.trimmedSeq
      if (isKept && events <= maxEvents && bytes <= maxBytes && oldest.atMs >= oldestMs) break
      all.shift()
      if (isKept) dropOldest(oldest.topic, topic)
    }
    if (all.length >= COMPACT_FROM && all.length > 2 * events) compact()
    forgetSilentTopics()
  }

  /** Applies a topic's own limits. */
  function trimTopic(name: string, topic: TopicHistory): void {
    while (isOverLimits(topic, now())) dropOldest(name, topic)
  }

  function dropOldest(name: string, topic: TopicHistory): void {
    bytes -= trimOldest(topic)
    events -= 1
    if (topic.entries.length === 0) silent.add(name)
  }

  function compact(): void {
    const kept = createFifo<LogEntry>()
    for (let entry = all.shift(); entry; entry = all.shift()) {
      if (entry.seq > (topics.get(entry.topic)?.trimmedSeq ?? Infinity)) kept.push(entry)
    }
    all = kept
  }

  function forgetSilentTopics(): void {
    for (const name of silent) {
      if (silent.size <= maxSilentTopics) break
      forgottenSeq = Math.max(forgottenSeq, topics.get(name)?.trimmedSeq ?? 0)
      topics.delete(name)
      silent.delete(name)
    }
  }

  function read(position: EventId | 'start', names: readonly string[], limit: ReadLimit): LogPage {
    const after = position === 'start' ? 0 : position.seq
    if (position !== 'start') {
      if (position.epoch !== epoch) return { ok: false, reason: 'unknown-epoch' }
      if (after > seq) return { ok: false, reason: 'future' }
    }
    trim()
    const gaps = new Map<string, TopicGapReason>()
    const cursors = []
    for (const name of new Set(names)) {
      const topic = topics.get(name)
      if (topic) trimTopic(name, topic)
      const hasGap = (topic?.trimmedSeq ?? forgottenSeq) > after
      if (hasGap) gaps.set(name, 'trimmed')
      if (!topic || (hasGap && position !== 'start')) continue
      const cursor = cursorAfter(topic.entries, after)
      if (cursor) cursors.push(cursor)
    }
    const { entries, more } = mergeTopics(cursors, limit)
    return { ok: true, entries, through: more ? (entries.at(-1)?.seq ?? seq) : seq, gaps }
  }

  function latest(names: readonly string[]): readonly LogEntry[] {
    const found = names.flatMap((name) => [...(topics.get(name)?.latest.values() ?? [])])
    return found.sort((a, b) => a.seq - b.seq)
  }

  function forget(name: string): void {
    const topic = topics.get(name)
    if (!topic) return
    while (topic.entries.length > 0) dropOldest(name, topic)
    topic.trimmedSeq = topic.newestSeq
    topic.latest.clear()
  }
}

function randomEpoch(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
