// The nine states of a panel, and which one is shown if several apply.
import type { LinkError, LinkStatus } from '@downlink/client'
import type { Pause } from './live-view.svelte.ts'

/** A shorter outage ends before a reader could take in a message, so it is not shown. */
export const MIN_OUTAGE_MS = 3000

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

/** The connection as a panel's state depends on it. */
export interface Connection {
  readonly status: LinkStatus
  /** Start of the current outage; null without one. */
  readonly lostAt: number | null
  /** Failed attempts in the current outage, and when the next one is planned. */
  readonly attempt: number
  readonly retryAt: number | null
  /** Length of the whole wait before `retryAt`, for the progress bar. */
  readonly waitMs: number
  /** When the page last started to connect. */
  readonly openedAt: number
}

export interface PanelFacts {
  readonly now: number
  /** When the panel's newest event was received; null before the first. */
  readonly lastAt: number | null
  /** Without an event for longer than this, the topic is stale. */
  readonly staleAfterMs: number
  readonly pause: Pause | null
}

/** Statuses that suggest another version of the API. */
const MISMATCHES: ReadonlySet<number> = new Set([400, 404, 410])

/** Precedence: error, offline, reconnecting, ended, paused, stale, connecting, live. */
export function panelState(connection: Connection, facts: PanelFacts): PanelState {
  const { status, lostAt } = connection
  const { now, lastAt, staleAfterMs, pause } = facts
  if (status.state === 'failed') return { kind: 'error', ...explain(status.error) }
  if (status.state === 'offline') return { kind: 'offline', since: status.since }
  if (lostAt !== null && now - lostAt >= MIN_OUTAGE_MS && status.state !== 'ended') {
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
    // Connecting again after an end: no connection is open that could be quiet.
    if (status.state === 'connecting') return { kind: 'connecting', since: connection.openedAt }
    return { kind: 'stale', since: lastAt, lastAt }
  }
  return { kind: 'live' }
}

/** Three times the expected interval between events, and at least five seconds. */
export function staleAfter(expectedIntervalMs: number): number {
  return Math.max(5000, 3 * expectedIntervalMs)
}

/** The cause in words, what happens next, and the details for a bug report. */
function explain(error: LinkError): { message: string; next: string; details: string } {
  const { code, status, url, contentType, bodyExcerpt } = error
  const details = [code, status, url, contentType, bodyExcerpt].filter(Boolean).join('\n')
  const next = 'It will not retry by itself.'
  const mismatch = `${next} The API may be older or newer than this page.`
  if (code === 'wrong-type') {
    const type = contentType ?? 'no Content-Type'
    return { message: `The response is not an event stream (${type}).`, next: mismatch, details }
  }
  if (status === undefined) return { message: error.message, next, details }
  return {
    message: `The server refused the stream (${status}).`,
    next: MISMATCHES.has(status) ? mismatch : next,
    details,
  }
}
