/** One request, and what its answer says. */
import type { Clock } from './clock.ts'
import { LinkError } from './errors.ts'
import { lastEventIdHeader } from './last-event-id.ts'
import type { Settings } from './link-options.ts'

/** How much of a refused body is kept for the error, and how long it may take. */
const EXCERPT_BYTES = 1_024
const EXCERPT_MS = 1_000

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
  { url, face, lastEventIdIn, headers, body, method, credentials }: Settings,
  { topics, added, lastEventId, refusedStatus, signal }: Asked,
): Promise<[url: string, init: RequestInit]> {
  const target = new URL(url)
  const init: RequestInit & { duplex?: 'half' } = { signal, cache: 'no-store', method: 'GET' }
  const sent = new Headers(
    typeof headers === 'function' ? await headers({ refusedStatus, signal }) : headers,
  )
  if (!sent.has('accept')) sent.set('accept', 'text/event-stream')
  const multiplexed = face !== 'plain'
  if (multiplexed) for (const topic of topics) target.searchParams.append('topic', topic)
  if (lastEventId !== '') {
    if (multiplexed) for (const topic of added) target.searchParams.append('added', topic)
    const id = lastEventIdHeader(lastEventId)
    if (lastEventIdIn === 'query') target.searchParams.set('lastEventId', lastEventId)
    else if (id !== undefined) sent.set('last-event-id', id)
  }
  init.headers = sent
  if (body !== undefined) {
    init.method = 'POST'
    init.body = typeof body === 'function' ? await body() : body
    // What a body that is a stream needs; others are not changed by it.
    init.duplex = 'half'
  }
  if (method !== undefined) init.method = method
  if (credentials !== undefined) init.credentials = credentials
  return [target.href, init]
}

/** Retry-After in milliseconds: seconds or an HTTP date. 0 where it is absent or unreadable. */
export function retryAfterMs(response: Response, nowMs: number): number {
  const header = response.headers.get('retry-after') ?? ''
  return (
    Math.max(0, /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs) || 0
  )
}

/** What a refusal says, with the beginning of its body. */
export async function refusal(
  clock: Clock,
  url: string,
  { status, headers }: Response,
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
): Promise<LinkError> {
  const utf8 = new TextDecoder()
  const timer = clock.setTimeout(() => void reader?.cancel().catch(ignore), EXCERPT_MS)
  let bodyExcerpt = ''
  try {
    for (let left = EXCERPT_BYTES; reader && left > 0;) {
      const { value } = await reader.read()
      if (value === undefined) break
      bodyExcerpt += utf8.decode(value.subarray(0, left), { stream: true })
      left -= value.length
    }
  } catch {
    // What was read before the body broke is the excerpt.
  }
  clock.clearTimeout(timer)
  return new LinkError(
    status === 200 ? 'wrong-type' : 'refused',
    status === 200
      ? `${url} is no event stream: check the address.`
      : `${url} answered ${status}: correct the request.`,
    { url, status, contentType: headers.get('content-type') ?? undefined, bodyExcerpt },
  )
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
