// The nine states of a panel, and which of them wins when several are true.
import type { LinkError, LinkStatus } from '@downlink/client'
import type { Pause } from './live.svelte.ts'

/** A shorter outage heals before anybody could read about it. */
export const BLIP_MS = 3000

export type PanelState =
  | { kind: 'connecting'; since: number }
  | { kind: 'live' }
  | { kind: 'stale'; since: number; lastAt: number | null }
  | { kind: 'reconnecting'; attempt: number; retryAt: number | null; waitMs: number }
  | { kind: 'offline'; since: number }
  | { kind: 'ended'; reason: string }
  | { kind: 'error'; message: string; next: string; details: string }
  | { kind: 'paused'; at: number; unseen: number }
  | { kind: 'empty' }

/** What is known of the connection beyond its status. */
export interface Connection {
  readonly status: LinkStatus
  /** When the running outage began; null while there is none. */
  readonly lostAt: number | null
  /** Attempts made and the next one planned in the running outage. */
  readonly attempt: number
  readonly retryAt: number | null
  /** The whole wait before `retryAt`, for a bar that drains. */
  readonly waitMs: number
  /** When the page began, or tried again, to connect. */
  readonly openedAt: number
}

export interface Subject {
  readonly now: number
  /** When the panel's newest event came; null before the first. */
  readonly lastAt: number | null
  /** Silence for longer than this is worth a word. */
  readonly staleAfterMs: number
  readonly pause: Pause | null
}

/** An API that knows no such stream, or understands the question otherwise. */
const MISFITS: ReadonlySet<number> = new Set([400, 404, 410])

/** Precedence: error, offline, reconnecting, ended, paused, stale, connecting, live. */
export function panelState(connection: Connection, subject: Subject): PanelState {
  const { status, lostAt } = connection
  const { now, lastAt, staleAfterMs, pause } = subject
  if (status.state === 'failed') return { kind: 'error', ...explain(status.error) }
  if (status.state === 'offline') return { kind: 'offline', since: status.since }
  if (lostAt !== null && now - lostAt >= BLIP_MS && status.state !== 'ended') {
    const { attempt, retryAt, waitMs } = connection
    return { kind: 'reconnecting', attempt, retryAt, waitMs }
  }
  if (status.state === 'ended') return { kind: 'ended', reason: status.reason }
  if (pause) return { kind: 'paused', ...pause }
  if (lastAt === null) {
    const since = Math.max(connection.openedAt, status.state === 'live' ? status.since : 0)
    const silent = status.state === 'live' && now - since > staleAfterMs
    return silent ? { kind: 'stale', since, lastAt } : { kind: 'connecting', since }
  }
  if (status.state === 'stale' || (lostAt === null && now - lastAt > staleAfterMs)) {
    // Tried again after an end, there is no open connection yet that could be quiet.
    if (status.state === 'connecting') return { kind: 'connecting', since: connection.openedAt }
    return { kind: 'stale', since: lastAt, lastAt }
  }
  return { kind: 'live' }
}

/** Three times the expected interval, and never less than five seconds. */
export function staleAfter(expectedIntervalMs: number): number {
  return Math.max(5000, 3 * expectedIntervalMs)
}

/** A cause in words, what the reader can do about it, and the facts for who wants them. */
function explain(error: LinkError): { message: string; next: string; details: string } {
  const { code, status, url, contentType, bodyExcerpt } = error
  const details = [code, status, url, contentType, bodyExcerpt].filter(Boolean).join('\n')
  const next = 'It will not retry by itself.'
  const misfit = `${next} The API may be older or newer than this page.`
  if (code === 'wrong-type') {
    const type = contentType ?? 'no Content-Type'
    return { message: `The answer is no event stream (${type}).`, next: misfit, details }
  }
  if (status === undefined) return { message: error.message, next, details }
  return {
    message: `The server refused the stream (${status}).`,
    next: MISFITS.has(status) ? misfit : next,
    details,
  }
}
