/** What a response head means for the connection: one table. */

import { isEventStream } from './content-type.ts'

/**
 * - `accept`: 200 with the right type.
 * - `retry`: 408, 425, 429 and 5xx.
 * - `refresh`: 401 and 403.
 * - `end`: 204, the server's way to say that there is no more.
 * - `fail`: everything else; asking again will not change it.
 */
export type Verdict = 'accept' | 'retry' | 'refresh' | 'end' | 'fail'

/** Judges a response by its status and Content-Type. */
export function judge(status: number, contentType: string | undefined): Verdict {
  if (status === 200) return isEventStream(contentType) ? 'accept' : 'fail'
  if (status === 204) return 'end'
  if (status >= 500 || status === 408 || status === 425 || status === 429) return 'retry'
  return status === 401 || status === 403 ? 'refresh' : 'fail'
}

/** Retry-After in milliseconds from now: seconds or an HTTP date. 0 where it is absent or unreadable. */
export function retryAfterMs(header: string | null, nowMs: number): number {
  if (!header) return 0
  return (
    Math.max(0, /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs) || 0
  )
}
