/** One request, and what its answer says. */
import { wait, type Clock } from './clock.ts'
import { LinkError } from './errors.ts'
import { lastEventIdHeader } from './last-event-id.ts'
import type { Settings } from './link-options.ts'

/** How much of a refused body is kept for the error, and how long it may take. */
const EXCERPT_BYTES = 1_024
const EXCERPT_MS = 1_000

export type Reader = ReadableStreamDefaultReader<Uint8Array>

/** What to ask for this time. */
export interface Asked {
  readonly topics: readonly string[]
  /** Those of which nothing was received yet: they start as for a newcomer, the others after the id. */
  readonly added: readonly string[]
  readonly lastEventId: string
  readonly refusedStatus: number | undefined
  readonly signal: AbortSignal
}

/** The address and options for `fetch`. Rejects with what the `headers` or `body` function threw. */
export async function prepare(
  settings: Settings,
  { topics, added, lastEventId, refusedStatus, signal }: Asked,
): Promise<[url: string, init: RequestInit]> {
  const { face, headers, body, credentials } = settings
  const url = new URL(settings.url)
  const query = url.searchParams
  const sent = new Headers(
    typeof headers === 'function' ? await headers({ refusedStatus, signal }) : headers,
  )
  if (!sent.has('accept')) sent.set('accept', 'text/event-stream')
  if (face !== 'plain') for (const topic of topics) query.append('topic', topic)
  if (lastEventId !== '') {
    if (face !== 'plain') for (const topic of added) query.append('added', topic)
    const id = lastEventIdHeader(lastEventId)
    if (settings.lastEventIdIn === 'query') query.set('lastEventId', lastEventId)
    else if (id !== undefined) sent.set('last-event-id', id)
  }
  const init = {
    method: settings.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: sent,
    body: typeof body === 'function' ? await body() : body,
    // What a body that is a stream needs; others are not changed by it.
    duplex: 'half',
    cache: 'no-store',
    credentials,
    signal,
  }
  // What is undefined counts as missing for fetch, which its type does not say.
  return [url.href, init as RequestInit]
}

/** Retry-After in milliseconds: seconds or an HTTP date. 0 where it is absent or unreadable. */
export function retryAfterMs(headers: Headers, nowMs: number): number {
  const header = headers.get('retry-after') ?? ''
  return (
    Math.max(0, /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs) || 0
  )
}

/** What a refusal says, with the beginning of its body. */
export async function refusal(
  clock: Clock,
  url: string,
  { status, headers }: Response,
  reader: Reader | undefined,
): Promise<LinkError> {
  const utf8 = new TextDecoder()
  const cancelWait = wait(clock, EXCERPT_MS, () => letGo(reader))
  let bodyExcerpt = ''
  try {
    for (let left = EXCERPT_BYTES; left > 0;) {
      const chunk = (await reader?.read())?.value
      if (!chunk) break
      bodyExcerpt += utf8.decode(chunk.subarray(0, left), { stream: true })
      left -= chunk.length
    }
  } catch {
    // What was read before the body broke is the excerpt.
  }
  cancelWait()
  return new LinkError(
    status === 200 ? 'wrong-type' : 'refused',
    `${url} answered ${status}, no event stream: correct the request.`,
    { url, status, contentType: headers.get('content-type') ?? undefined, bodyExcerpt },
  )
}

/** No body is left unread. */
export function letGo(reader: Reader | undefined): void {
  reader?.cancel().catch(ignore)
}

/** What went wrong in words; `fetch` hides the useful half in the cause. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { message, cause } = error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}

/** For promises whose failure is no news: cancelling what has broken already. */
export function ignore(): void {
  // Nothing to do.
}
