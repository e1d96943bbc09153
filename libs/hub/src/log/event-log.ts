/**
 * The contract of an event log: where a hub keeps events. It assumes neither one process nor a synchronous append, so
 * that a durable or shared log can take the place of `createMemoryLog`. `eventLogTests` of `@downlink/hub/testing` checks
 * every rule below.
 */
import type { EventId } from '@downlink/protocol'

/** An event before it has an id. */
export interface NewEvent {
  readonly topic: string
  readonly event: string
  readonly data: string
}

export interface LogEntry extends NewEvent {
  /** Increases over all topics of the log and may skip. */
  readonly seq: number
  /** When it was appended, in milliseconds on the log's own clock: `EventLog.now`. */
  readonly atMs: number
}

/** How much of one topic is kept. An absent limit is the log's own. */
export interface HistoryLimits {
  /** 0 or more. */
  readonly maxEvents?: number
  /** Bytes of names and data as UTF-8, 0 or more. */
  readonly maxBytes?: number
  /** Milliseconds, 0 or more. */
  readonly maxAgeMs?: number
}

export interface AppendOptions {
  /**
   * 1 to 128 characters. An append with a key that was used within its lifetime (5 minutes by default) stores nothing,
   * whatever its other arguments are, and resolves with the id of the first.
   */
  readonly idempotencyKey?: string
  /** Rejects the append with `stale-lease` unless this lease is held at that moment. */
  readonly lease?: LeaseToken
  /** Makes this the last event of its topic: later appends to the topic reject with `topic-ended`. */
  readonly final?: boolean
  /** The topic's own limits, on top of the log's. They replace those of earlier appends; absent: no own limits. */
  readonly history?: HistoryLimits
}

export interface Appended {
  readonly id: EventId
  /** The idempotency key was used before: `id` is that of the event stored then. */
  readonly duplicate: boolean
}

/** The size of a page. At least one entry is given if there is one. */
export interface ReadLimit {
  readonly maxEvents: number
  /** Bytes of names and data as UTF-8. */
  readonly maxBytes: number
}

/**
 * - `trimmed`: events are no longer kept because of a limit, or were deleted with `forget`.
 * - `lost`: events were lost in a crash.
 */
export type TopicGapReason = 'trimmed' | 'lost'

export type LogPage =
  | {
      readonly ok: true
      /**
       * The next entries of the topics, in order. After a position, a topic with a gap has none here; from the `start`,
       * it has those that are kept.
       */
      readonly entries: readonly LogEntry[]
      /** Read on after this seq. If nothing is left it is the newest, and at least the newest that followers were told. */
      readonly through: number
      /** The topics that lost events after the position; from the `start`, those whose beginning is gone. */
      readonly gaps: ReadonlyMap<string, TopicGapReason>
    }
  | { readonly ok: false; readonly reason: 'unknown-epoch' | 'future' }

export interface LogFollower {
  /**
   * The newest position, before any entry. Called again if entries were skipped (in the same epoch: each subscriber
   * catches up from its own position), or if a new history starts (in another epoch: subscribers are told about a gap).
   */
  onPosition(position: EventId): void
  /** The next entries in order, whichever instance of the log appended them. */
  onEntries(entries: readonly LogEntry[]): void
  /** Whether the log can be reached. A log is `up` until it says otherwise. */
  onState?(state: 'up' | 'down'): void
}

export interface LeaseToken {
  readonly name: string
  /** The tokens of one name only increase, also over restarts. */
  readonly token: number
}

/** The exclusive right to a name for a limited time. */
export interface Lease extends LeaseToken {
  /** Makes it last its full ttl again. Resolves with false if it has been lost. */
  renew(): Promise<boolean>
  /** Lets others take it at once. Does nothing if it has been lost. */
  release(): Promise<void>
}

/**
 * `(epoch, seq)` identifies exactly one event, for as long as any client may send that id. A log that cannot tell which
 * numbers it has given out must skip them or begin a new epoch: clients drop an event with a reused id as a duplicate.
 */
export interface EventLog {
  /**
   * Resolves once the event is stored. Concurrent appends of one caller are stored in the order of the calls.
   *
   * @throws {LogError} as a rejection, and nothing is stored; only after `timeout` is the outcome unknown.
   */
  append(event: NewEvent, options?: AppendOptions): Promise<Appended>
  /**
   * The entries of `topics` after a position, or from the oldest that is kept. Costs what the topics contain, not what
   * the log contains. A topic without entries after the position has no gap, however old the position is.
   */
  readAfter(
    position: EventId | 'start',
    topics: readonly string[],
    limit: ReadLimit,
  ): Promise<LogPage>
  /** The newest entry of each event name of the topics, in order. Kept when the entry itself is trimmed. */
  latest(topics: readonly string[]): Promise<readonly LogEntry[]>
  /**
   * The log's clock in milliseconds; `now() - entry.atMs` is the age of an entry. A log in one process may use a monotonic
   * clock from any start; a log that outlives its process uses milliseconds since 1970.
   */
  now(): number
  /** Calls the follower until the returned function is called. */
  follow(follower: LogFollower): () => void
  /**
   * Takes a lease for `ttlMs` of monotonic time, 1 or more. Resolves with undefined while another holder has it.
   *
   * @throws {LogError} as a rejection: `invalid` for a name outside 1 to 128 characters or an invalid ttl.
   */
  lease(name: string, ttlMs: number): Promise<Lease | undefined>
  /**
   * Deletes the history and the latest values of a topic. Resuming the topic from an id before that is a gap (`trimmed`).
   * A topic that has ended stays ended.
   */
  forget(topic: string): Promise<void>
  /** Waits for pending appends, then refuses further calls with `closed`. */
  close(): Promise<void>
}
