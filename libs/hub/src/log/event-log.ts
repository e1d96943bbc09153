/**
 * What a hub keeps events in. The form in memory is `createMemoryLog`; the interface assumes neither
 * one process nor a synchronous append, so that a distributed log can take its place.
 */
import type { EventId } from '@downlink/protocol'

/** An event before it has its place. */
export interface NewEvent {
  readonly topic: string
  readonly event: string
  readonly data: string
}

/** An event in its place. */
export interface LogEntry extends NewEvent {
  /** Dense over all topics of the log: the entry after `n` is `n + 1`. */
  readonly seq: number
  /** When it was appended, in milliseconds on the log's own clock: `EventLog.now`. */
  readonly atMs: number
}

/** Why events after an id cannot all be given. */
export type GapReason =
  /** The id has not the form `<epoch>-<seq>`. */
  | 'bad-id'
  /** The log began anew since. */
  | 'unknown-epoch'
  /** Events that the reader asks for are no longer kept. */
  | 'trimmed'
  /** The id has not been given out yet. */
  | 'future'

/** A part of the log: every kept entry of the asked topics up to and with `through`. */
export type LogPage =
  | {
      readonly ok: true
      /** In order, only of the topics asked for. */
      readonly entries: readonly LogEntry[]
      /**
       * The seq to read after next. Where nothing is left it is the log's newest, and at least the
       * newest that its followers were told.
       */
      readonly through: number
      /** Whether entries of these topics were trimmed before this page; only told of a page from the `start`. */
      readonly trimmed?: boolean
    }
  | { readonly ok: false; readonly reason: GapReason }

/** Hears what is appended, by whatever process. */
export interface LogFollower {
  /**
   * The newest position, before any entry; called again where the log cannot go on from the one
   * before (it began anew, entries were lost): what readers have is then no longer continued.
   */
  onPosition(position: EventId): void
  /** The next entries, dense and in order. */
  onEntries(entries: readonly LogEntry[]): void
}

/**
 * `(epoch, seq)` identifies exactly one event, for as long as any client may send that id. A log that cannot tell
 * which seqs it has given out (it lost its newest entries in a crash, it was restored from a backup) must begin a
 * new epoch. If it reuses a seq within an epoch, clients drop the new event as a duplicate, and a client that
 * resumes misses events without being told.
 */
export interface EventLog {
  /** Resolves with the event's id once it is kept; rejects where it could not be. */
  append(event: NewEvent): Promise<EventId>
  /** At most `limit` entries of `topics` after a position, or from the oldest that is kept. */
  readAfter(position: EventId | 'start', topics: readonly string[], limit: number): Promise<LogPage>
  /** The newest entry of each event name of the topics, in order; kept longer than the log itself. */
  latest(topics: readonly string[]): Promise<readonly LogEntry[]>
  /**
   * The log's clock in milliseconds; `now() - entry.atMs` is the age of an entry. A log in one process uses a
   * monotonic clock, so that a change of the system time ages nothing. A log that outlives its process uses
   * milliseconds since 1970.
   */
  now(): number
  /** Calls the follower until the returned function is called. */
  follow(follower: LogFollower): () => void
}
