/** One request, and what its answer says. */
import { lastEventIdHeader } from './last-event-id.ts'
import type { HeadersRequest, Settings } from './link-options.ts'

/** The address and options for `fetch`. Rejects with what the `headers` or `body` function threw. */
export async function prepare(
  settings: Settings,
  query: Readonly<Record<string, readonly string[]>>,
  lastEventId: string,
  request: HeadersRequest,
): Promise<[url: string, init: RequestInit]> {
  const { headers, body, method = body === undefined ? 'GET' : 'POST', credentials } = settings
  const url = new URL(settings.url)
  const { searchParams } = url
  for (const name in query) for (const value of query[name] ?? []) searchParams.append(name, value)
  const sent = new Headers(typeof headers === 'function' ? await headers(request) : headers)
  if (!sent.has('accept')) sent.set('accept', 'text/event-stream')
  if (lastEventId !== '') {
    const id = lastEventIdHeader(lastEventId)
    if (settings.lastEventIdIn === 'query') searchParams.set('lastEventId', lastEventId)
    else if (id !== undefined) sent.set('last-event-id', id)
  }
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

/** Retry-After in milliseconds: seconds or an HTTP date, which may have passed. 0 where it is absent or unreadable. */
export function retryAfterMs(headers: Headers, nowMs: number): number {
  const header = headers.get('retry-after') ?? ''
  const seconds = Number(header)
  return seconds >= 0 ? seconds * 1_000 : Date.parse(header) - nowMs || 0
}

/** What went wrong in words; `fetch` hides the useful half in the cause. */
export function messageOf(error: unknown): string {
  const { cause, message = String(error) } = Object(error) as Partial<Error>
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}
