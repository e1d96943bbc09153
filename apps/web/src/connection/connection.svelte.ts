// The state of the page's connection: its status, its outages, its statistics and its activity.
import type { LinkStatus } from '@downlink/client'
import type { ResumeOutcome } from '@downlink/protocol'
import type { Connection } from '../panel/panel-state.ts'
import { createActivityLog, type ActivityReport } from './activity.ts'
import type { ClockOffset } from './clock-offset.ts'
import { noteOf, type ConnectionNote } from './connection-note.ts'
import { createLateness } from './lateness.ts'

/** Events this soon after a connection began were held by the server: replayed, or the newest value of a topic. */
const REPLAY_MS = 250
const NO_RETRY = { attempt: 0, retryAt: null, waitMs: 0 } as const

export class ConnectionModel implements Connection {
  readonly lateness = createLateness()
  readonly #activity = createActivityLog()
  #status = $state.raw<LinkStatus>({ state: 'idle' })
  #topics = $state.raw<readonly string[]>([])
  /** Start of the outage. Unlike `lostAt` it is kept while the link has given up. */
  #outageSince = $state.raw<number | null>(null)
  #liveSince = $state.raw<number | null>(null)
  #openedAt = $state.raw(Date.now())
  #retry = $state.raw<{ attempt: number; retryAt: number | null; waitMs: number }>(NO_RETRY)
  #reconnects = $state.raw(0)
  #offset = $state.raw<ClockOffset | null>(null)
  #wasLive = $state.raw(false)
  #outcome: ResumeOutcome = 'fresh'
  #heldUntil = 0
  #dropped = 0
  #replayed = 0
  #restoredAt = 0

  get status(): LinkStatus {
    return this.#status
  }

  /** The topics that are read, in the order in which the page subscribed to them. */
  get topics(): readonly string[] {
    return this.#topics
  }

  get lostAt(): number | null {
    const { state } = this.#status
    return state === 'failed' || state === 'ended' ? null : this.#outageSince
  }

  /** When the connection became live, ignoring reconnects that only changed topics; null in an outage. */
  get liveSince(): number | null {
    return this.#liveSince
  }

  /** Whether there has been a connection since the page was opened. */
  get wasLive(): boolean {
    return this.#wasLive
  }

  get openedAt(): number {
    return this.#openedAt
  }

  get attempt(): number {
    return this.#retry.attempt
  }

  get retryAt(): number | null {
    return this.#retry.retryAt
  }

  get waitMs(): number {
    return this.#retry.waitMs
  }

  get reconnects(): number {
    return this.#reconnects
  }

  /** The offset of the server's clock; null while it is unknown. */
  get offset(): ClockOffset | null {
    return this.#offset
  }

  set offset(offset: ClockOffset | null) {
    this.#offset = offset
  }

  /** Events that the server dropped because this connection was too slow. */
  get dropped(): number {
    return this.#dropped
  }

  /** Events that the server replayed after outages. */
  get replayed(): number {
    return this.#replayed
  }

  activity(now: number): ActivityReport {
    return this.#activity.report(now)
  }

  /** Estimated latency of the last minute in ms: lateness plus half a round trip; null if either is unknown. */
  latency(now: number): { readonly median: number; readonly p95: number } | null {
    const median = this.lateness.quantile(0.5, now)
    const p95 = this.lateness.quantile(0.95, now)
    if (median === null || p95 === null || !this.#offset) return null
    const halfTripMs = this.#offset.roundTripMs / 2
    return { median: median + halfTripMs, p95: p95 + halfTripMs }
  }

  /** Adds a topic to `topics`; returns a function that removes it. */
  addTopic(topic: string): () => void {
    this.#topics = [...this.#topics, topic]
    return () => {
      this.#topics = this.#topics.filter((other) => other !== topic)
    }
  }

  /** The link is replaced by another one, which has no topics yet. */
  clearTopics(): void {
    this.#topics = []
  }

  /** Returns a note for the journal if the connection was lost or is back. */
  onStatus(status: LinkStatus, at: number): ConnectionNote | null {
    const before = this.#outageSince
    this.#status = status
    if (status.state === 'reconnecting' || status.state === 'offline') this.#onLost(status, at)
    else if (status.state === 'live') this.#onLive(status.since, at)
    else if (status.state === 'connecting' && before === null) this.#openedAt = status.since
    else if (status.state === 'failed') this.#onFailed(at)
    else if (status.state === 'ended') {
      this.#liveSince = this.#outageSince = null
      this.#activity.restored(at)
    }
    return noteOf(status, before, this.#outageSince, at)
  }

  onResume(outcome: ResumeOutcome, at: number): void {
    this.#outcome = outcome
    this.#heldUntil = at + REPLAY_MS
    if (outcome === 'gap' && this.#isJustRestored(at)) this.#activity.gap()
  }

  /** Counts an event. Returns whether the server held it, so that its arrival says nothing about its age. */
  onEvent(at: number): boolean {
    const held = at < this.#heldUntil
    // A change of topics resumes too, but is not an outage.
    const replayed = held && this.#outcome === 'resumed' && this.#isJustRestored(at)
    if (replayed) this.#replayed += 1
    this.#activity.event(at, replayed)
    return held
  }

  onDropped(count: number): void {
    this.#dropped += count
  }

  onBytes(at: number, count: number): void {
    this.#activity.bytes(at, count)
  }

  #isJustRestored(at: number): boolean {
    return at - this.#restoredAt < 2 * REPLAY_MS
  }

  #onLost(status: LinkStatus & { state: 'reconnecting' | 'offline' }, at: number): void {
    this.#startOutage(at)
    if (status.state === 'offline') this.#retry = NO_RETRY
    else {
      const { attempt, retryAt } = status
      this.#retry = { attempt, retryAt, waitMs: Math.max(0, retryAt - at) }
    }
  }

  /** The link does not retry by itself. Before the first connection this is not an outage. */
  #onFailed(at: number): void {
    this.#retry = NO_RETRY
    if (this.#wasLive) this.#startOutage(at)
  }

  #startOutage(at: number): void {
    if (this.#outageSince !== null) return
    this.#outageSince = at
    this.#liveSince = null
    this.#activity.lost(at)
  }

  #onLive(since: number, at: number): void {
    this.#liveSince ??= since
    this.#wasLive = true
    if (this.#outageSince === null) return
    this.#activity.restored(at)
    this.lateness.reset()
    this.#outageSince = null
    this.#retry = NO_RETRY
    this.#restoredAt = at
    this.#reconnects += 1
  }
}
