// The one connection as the page sees it: its status, its outage if there is one, and its last two minutes.
import type { LinkStatus } from '@downlink/client'
import type { Connection } from '../panel/panel-state.ts'
import { createBeats, type Strip } from './activity.ts'
import { createLateness } from './lateness.ts'
import type { ClockOffset } from './clock-offset.ts'
import { noteOf, type ConnectionNote } from './connection-note.ts'

/** What comes this soon after a connection began was waiting for it: a replay, or the newest value of each topic. */
const REPLAY_MS = 250

export type ResumeOutcome = 'fresh' | 'resumed' | 'gap'

export class ConnectionModel implements Connection {
  readonly lateness = createLateness()
  readonly #beats = createBeats()
  #status = $state.raw<LinkStatus>({ state: 'idle' })
  /** Since when nothing comes, also while the link has given up. */
  #outSince = $state.raw<number | null>(null)
  #liveSince = $state.raw<number | null>(null)
  #openedAt = $state.raw(Date.now())
  #retry = $state.raw<{ attempt: number; retryAt: number | null; waitMs: number }>(NO_RETRY)
  #reconnects = $state.raw(0)
  #outcome: ResumeOutcome = 'fresh'
  #offset = $state.raw<ClockOffset | null>(null)
  #wasLive = $state.raw(false)
  #heldUntil = 0
  #dropped = 0
  #replayed = 0
  #restoredAt = 0

  get status(): LinkStatus {
    return this.#status
  }

  get lostAt(): number | null {
    const { state } = this.#status
    return state === 'failed' || state === 'ended' ? null : this.#outSince
  }

  /** Since when events have been coming, across changes of topics; null in an outage. */
  get liveSince(): number | null {
    return this.#liveSince
  }

  /** Whether there was ever a connection. */
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

  get offset(): ClockOffset | null {
    return this.#offset
  }

  set offset(offset: ClockOffset | null) {
    this.#offset = offset
  }

  strip(now: number): Strip {
    return this.#beats.at(now)
  }

  /** Returns what is worth writing down, if anything is. */
  onStatus(status: LinkStatus, at: number): ConnectionNote | null {
    const before = this.#outSince
    this.#status = status
    if (status.state === 'reconnecting' || status.state === 'offline') this.#lose(status, at)
    else if (status.state === 'live') this.#restore(status.since, at)
    else if (status.state === 'connecting' && this.#outSince === null) this.#openedAt = status.since
    else if (status.state === 'failed') this.#giveUp(at)
    else if (status.state === 'ended') {
      this.#liveSince = this.#outSince = null
      this.#beats.restored(at)
    }
    return noteOf(status, before, this.#outSince, at)
  }

  onResume(outcome: ResumeOutcome, at: number): void {
    this.#outcome = outcome
    this.#heldUntil = at + REPLAY_MS
    if (outcome === 'gap' && this.#justRestored(at)) this.#beats.gap()
  }

  /** An event came. Returns whether it was held for us: then it says nothing about when it was made. */
  onEvent(at: number): boolean {
    const held = at < this.#heldUntil
    // A change of topics resumes too, but it was no outage.
    const replayed = held && this.#outcome === 'resumed' && this.#justRestored(at)
    if (replayed) this.#replayed += 1
    this.#beats.event(at, replayed)
    return held
  }

  /** The server left out `count` events because this connection was slow. */
  onDropped(count: number): void {
    this.#dropped += count
  }

  /** Events that the server has left out, and those that outages had held back. */
  get dropped(): number {
    return this.#dropped
  }

  get replayed(): number {
    return this.#replayed
  }

  onBytes(at: number, count: number): void {
    this.#beats.bytes(at, count)
  }

  #justRestored(at: number): boolean {
    return at - this.#restoredAt < 2 * REPLAY_MS
  }

  #lose(status: LinkStatus & { state: 'reconnecting' | 'offline' }, at: number): void {
    this.#fallSilent(at)
    if (status.state === 'offline') this.#retry = NO_RETRY
    else {
      const { attempt, retryAt } = status
      this.#retry = { attempt, retryAt, waitMs: Math.max(0, retryAt - at) }
    }
  }

  /** Nothing comes until the reader tries again; before the first connection nothing was lost either. */
  #giveUp(at: number): void {
    this.#retry = NO_RETRY
    if (this.#wasLive) this.#fallSilent(at)
  }

  #fallSilent(at: number): void {
    if (this.#outSince !== null) return
    this.#outSince = at
    this.#liveSince = null
    this.#beats.lost(at)
  }

  #restore(since: number, at: number): void {
    this.#liveSince ??= since
    this.#wasLive = true
    if (this.#outSince === null) return
    this.#beats.restored(at)
    this.lateness.reset()
    this.#outSince = null
    this.#retry = NO_RETRY
    this.#restoredAt = at
    this.#reconnects += 1
  }
}

const NO_RETRY = { attempt: 0, retryAt: null, waitMs: 0 } as const
