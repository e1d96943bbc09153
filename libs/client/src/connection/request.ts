/** One request, and what its answer says. */
import { lastEventIdHeader, MAX_CARRIED_BYTES } from './last-event-id.ts'
import type { HeadersRequest, Settings } from '../options.ts'

/**
 * The address and options for `fetch`. Where there is a place to go on from, topics whose start was not `had` are named
 * as added. Rejects with what the `headers` or `body` function threw.
 */
export async function prepare(
  settings: Settings,
  topics: readonly string[],
  had: readonly string[],
  lastEventId: string,
  request: HeadersRequest,
): Promise<[url: string, init: RequestInit]> {
  const { headers, body, method, credentials } = settings
  const url = new URL(settings.url)
  const { searchParams } = url
  for (const topic of topics) {
    searchParams.append('topic', topic)
    if (lastEventId && !had.includes(topic)) searchParams.append('added', topic)
  }
  const sent = new Headers(typeof headers === 'function' ? await headers(request) : headers)
  if (!sent.has('accept')) sent.set('accept', 'text/event-stream')
  const id = lastEventIdHeader(lastEventId)
  if (lastEventId && settings.lastEventIdIn === 'query') {
    searchParams.set('lastEventId', lastEventId)
    if (url.search.length > MAX_CARRIED_BYTES) searchParams.delete('lastEventId')
  } else if (id) sent.set('last-event-id', id)
  const init = {
    method,
    headers: sent,
    body: typeof body === 'function' ? await body() : body,
    // What a body that is a stream needs; others are not changed by it.
    duplex: 'half',
    cache: 'no-store',
    credentials,
    signal: request.signal,
  }
  // What is undefined counts as missing for fetch, which its type does not say.
  return [url.href, init as RequestInit]
}

/** Whether the same request may be answered later. */
export function isTemporary(status: number): boolean {
  return status >= 500 || [408, 425, 429].includes(status)
}

/** Retry-After in milliseconds: seconds or an HTTP date, which may have passed. 0 where it is absent or unreadable. */
export function retryAfterMs(headers: Headers, nowMs: number): number {
  const header = headers.get('retry-after') ?? ''
  // Of the three forms of a date one names no zone. What names no time is none of them, and may parse all the same.
  const date = /\d:\d\d:\d/.test(header) ? header.replace(/( GMT)?$/, ' GMT') : ''
  return /^ *\d+ *$/.test(header) ? Number(header) * 1_000 : Date.parse(date) - nowMs || 0
}

/** What went wrong in words; `fetch` hides the useful half in the cause. */
export function messageOf(error: unknown): string {
  const { cause, message = String(error) } = Object(error) as Partial<Error>
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}
