/** The event log in memory of one process, bounded by count, bytes and age. */
import { randomBytes } from 'node:crypto'
import { formatEventId, type EventId } from '@downlink/protocol'
import type { EventLog, LogEntry, LogFollower, LogPage } from './event-log.ts'
import { createFifo, type Fifo } from './fifo.ts'
import { mergeTopics } from './merge-topics.ts'
import { checkAtLeast } from '../options.ts'

export interface MemoryLogOptions {
  /** The most events kept. Default 20,000; the oldest goes first. */
  readonly maxEvents?: number
  /** The most bytes of names and data kept, as UTF-8. Default 16 MiB; the oldest goes first. */
  readonly maxBytes?: number
  /** The longest an event is kept, in milliseconds. Default 10 minutes. */
  readonly maxAgeMs?: number
  /**
   * The most topics without a kept event whose latest values and trimmed places are remembered.
   * Default 10,000; beyond, the one silent for longest is forgotten, and resuming it is a gap.
   */
  readonly maxSilentTopics?: number
  /** Names this log's history. Default: random, so that ids of an earlier process are known as such. */
  readonly epoch?: string
  /** Milliseconds on a clock that never goes back, from any start. Default `performance.now`. */
  readonly now?: () => number
}

interface TopicHistory {
  readonly entries: Fifo<LogEntry>
  readonly latest: Map<string, LogEntry>
  /** The newest seq that was trimmed from this topic. */
  trimmedSeq: number
}

/**
 * Trimming is remembered by topic: a reader of a quiet topic resumes from an id that is older than
 * everything kept, as long as nothing of its own topics was lost.
 *
 * @throws {HubError} `invalid-option` for a bound below 0.
 * @throws {ContractError} `invalid-id` for an epoch of which no id can be made.
 */
export function createMemoryLog(options: MemoryLogOptions = {}): EventLog {
  const maxEvents = options.maxEvents ?? 20_000
  const maxBytes = options.maxBytes ?? 16 * 2 ** 20
  const maxAgeMs = options.maxAgeMs ?? 10 * 60_000
  const maxSilentTopics = options.maxSilentTopics ?? 10_000
  const epoch = options.epoch ?? randomBytes(6).toString('hex')
  const now = options.now ?? (() => performance.now())
  const bounds = { maxEvents, maxBytes, maxAgeMs, maxSilentTopics }
  for (const [option, value] of Object.entries(bounds))
    checkAtLeast('createMemoryLog', option, value, 0)
  formatEventId({ epoch, seq: 0 })

  const all = createFifo<LogEntry>()
  const topics = new Map<string, TopicHistory>()
  /** Topics without a kept entry, the one silent for longest first. */
  const silent = new Set<string>()
  const followers = new Set<LogFollower>()
  let seq = 0
  let bytes = 0
  /** The newest trimmed seq of all forgotten topics. */
  let forgottenSeq = 0

  return {
    append(event) {
      const { topic, data } = event
      seq += 1
      const entry: LogEntry = { topic, event: event.event, data, seq, atMs: now() }
      keep(entry)
      trim()
      for (const follower of followers) follower.onEntries([entry])
      return Promise.resolve({ epoch, seq: entry.seq })
    },
    readAfter: (position, names, limit) => Promise.resolve(read(position, names, limit)),
    latest(names) {
      const found = names.flatMap((name) => [...(topics.get(name)?.latest.values() ?? [])])
      return Promise.resolve(found.sort(bySeq))
    },
    now,
    follow(follower) {
      followers.add(follower)
      follower.onPosition({ epoch, seq })
      return () => followers.delete(follower)
    },
  }

  function keep(entry: LogEntry): void {
    let topic = topics.get(entry.topic)
    if (!topic) {
      topic = { entries: createFifo(), latest: new Map(), trimmedSeq: 0 }
      topics.set(entry.topic, topic)
    }
    topic.entries.push(entry)
    topic.latest.set(entry.event, entry)
    silent.delete(entry.topic)
    all.push(entry)
    bytes += sizeOf(entry)
  }

  function trim(): void {
    const oldestMs = now() - maxAgeMs
    for (;;) {
      const oldest = all.at(0)
      if (!oldest) break
      if (all.length <= maxEvents && bytes <= maxBytes && oldest.atMs >= oldestMs) break
      all.shift()
      bytes -= sizeOf(oldest)
      trimTopic(oldest)
    }
    for (const name of silent) {
      if (silent.size <= maxSilentTopics) break
      forgottenSeq = Math.max(forgottenSeq, topics.get(name)?.trimmedSeq ?? 0)
      topics.delete(name)
      silent.delete(name)
    }
  }

  function trimTopic(oldest: LogEntry): void {
    const topic = topics.get(oldest.topic)
    if (!topic) return
    topic.entries.shift()
    topic.trimmedSeq = oldest.seq
    if (topic.entries.length === 0) silent.add(oldest.topic)
  }

  function read(position: EventId | 'start', names: readonly string[], limit: number): LogPage {
    trim()
    const after = position === 'start' ? 0 : position.seq
    if (position !== 'start') {
      if (position.epoch !== epoch) return { ok: false, reason: 'unknown-epoch' }
      if (after > seq) return { ok: false, reason: 'future' }
    }
    const histories = names.map((name) => topics.get(name))
    const lostSeq = Math.max(0, ...histories.map((topic) => topic?.trimmedSeq ?? forgottenSeq))
    if (position !== 'start' && after < lostSeq) return { ok: false, reason: 'trimmed' }

    const kept = histories.flatMap((topic) => (topic ? [topic.entries] : []))
    const entries = mergeTopics(kept, after, limit)
    const through = entries.length < limit ? seq : (entries.at(-1)?.seq ?? seq)
    return { ok: true, entries, through, ...(position === 'start' && { trimmed: lostSeq > 0 }) }
  }
}

function bySeq(a: LogEntry, b: LogEntry): number {
  return a.seq - b.seq
}

function sizeOf({ topic, event, data }: LogEntry): number {
  return topic.length + event.length + Buffer.byteLength(data)
}
