/** What a response head means for the connection: one table. */

import { isEventStream } from './content-type.ts'

/** Worth asking again: the request timed out, came too early or too often, or the server is in trouble. */
const RETRIED = new Set([408, 425, 429])
/** The credentials were refused: worth one more request with fresh ones. */
const REFRESHED = new Set([401, 403])

/**
 * - `accept`: 200 with the right type.
 * - `retry`: 408, 425, 429 and 5xx.
 * - `refresh`: 401 and 403.
 * - `end`: 204, the server's way to say that there is no more.
 * - `fail`: everything else; asking again will not change it.
 */
export type Verdict = 'accept' | 'retry' | 'refresh' | 'end' | 'fail'

/** Judges a response by its status and Content-Type. */
export function judge(status: number, contentType: string | null): Verdict {
  if (status === 200) return isEventStream(contentType) ? 'accept' : 'fail'
  if (status === 204) return 'end'
  if (RETRIED.has(status) || status >= 500) return 'retry'
  return REFRESHED.has(status) ? 'refresh' : 'fail'
}

/** Retry-After in milliseconds from now: seconds or an HTTP date. 0 where it is absent or unreadable. */
export function retryAfterMs(header: string | null, nowMs: number): number {
  if (header === null) return 0
  const text = header.trim()
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  const at = Date.parse(text)
  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs)
}
