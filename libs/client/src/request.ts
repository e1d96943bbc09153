/** One request, from its headers to a response that is worth reading, or the reason why not. */
import { LinkError } from './errors.ts'
import { lastEventIdHeader } from './last-event-id.ts'
import type { Settings } from './link-options.ts'
import { judge, retryAfterMs } from './retry-policy.ts'
import type { RetryReason } from './status.ts'

/** How much of a refused body is kept for the error, and how long it may take. */
const EXCERPT_BYTES = 1_024
const EXCERPT_MS = 1_000

export type Answer =
  | { readonly kind: 'open'; readonly body: ReadableStream<Uint8Array<ArrayBuffer>> }
  | { readonly kind: 'retry'; readonly reason: RetryReason; readonly retryAfterMs: number }
  | { readonly kind: 'refused'; readonly status: 401 | 403; readonly error: LinkError }
  | { readonly kind: 'end'; readonly reason: string }
  | { readonly kind: 'fail'; readonly error: LinkError }

export interface Asked {
  readonly topics: readonly string[]
  readonly lastEventId: string
  readonly refusedStatus: 401 | 403 | undefined
  readonly signal: AbortSignal
}

/** Asks once. Never rejects: a broken network, a broken `headers` function and a refusal are answers too. */
export async function request(settings: Settings, asked: Asked): Promise<Answer> {
  const url = address(settings, asked)
  let init: RequestInit
  try {
    init = await prepare(settings, asked)
  } catch (error) {
    return retry({ code: 'headers', message: messageOf(error) })
  }
  let response: Response
  try {
    response = await settings.fetch(url, init)
  } catch (error) {
    return retry({ code: 'network', message: messageOf(error) })
  }
  return answer(settings, url, response)
}

function address({ url, face, lastEventIdIn }: Settings, asked: Asked): string {
  const target = new URL(url)
  target.hash = ''
  if (face === 'multiplexed') {
    for (const topic of asked.topics) target.searchParams.append('topic', topic)
  }
  if (lastEventIdIn === 'query' && asked.lastEventId !== '') {
    target.searchParams.set('lastEventId', asked.lastEventId)
  }
  return target.href
}

async function prepare(settings: Settings, asked: Asked): Promise<RequestInit> {
  const { headers: source, body: bodySource, credentials, method } = settings
  const { refusedStatus, signal } = asked
  const given = typeof source === 'function' ? await source({ refusedStatus, signal }) : source
  const body = typeof bodySource === 'function' ? await bodySource() : bodySource

  const headers = new Headers(given)
  if (!headers.has('accept')) headers.set('accept', 'text/event-stream')
  if (settings.lastEventIdIn === 'header' && asked.lastEventId !== '') {
    const value = lastEventIdHeader(asked.lastEventId)
    if (value !== undefined) headers.set('last-event-id', value)
  }
  return {
    method,
    headers,
    signal,
    cache: 'no-store',
    ...(credentials === undefined ? {} : { credentials }),
    ...(body === undefined ? {} : { body }),
    // A body that is a stream can only be sent so; for others it changes nothing.
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  }
}

async function answer(settings: Settings, url: string, response: Response): Promise<Answer> {
  const { status, headers, body } = response
  const verdict = judge(status, headers.get('content-type'))
  if (verdict === 'accept' && body !== null) return { kind: 'open', body }
  if (verdict === 'accept') return retry({ code: 'cut', message: 'The response had no body.' })
  if (verdict === 'end' || verdict === 'retry') {
    letGo(body)
    if (verdict === 'end') return { kind: 'end', reason: 'no-content' }
    const afterMs = retryAfterMs(headers.get('retry-after'), settings.clock.now())
    return retry({ code: 'status', message: `The server answered ${status}.`, status }, afterMs)
  }
  const error = await refusal(settings, url, response)
  return verdict === 'refresh' && (status === 401 || status === 403)
    ? { kind: 'refused', status, error }
    : { kind: 'fail', error }
}

async function refusal(settings: Settings, url: string, response: Response): Promise<LinkError> {
  const { status } = response
  const contentType = response.headers.get('content-type') ?? undefined
  const facts = { url, status, contentType, bodyExcerpt: await excerpt(settings, response.body) }
  return status === 200
    ? new LinkError(
        'wrong-type',
        `${url} answered with ${contentType ?? 'no Content-Type'}, not text/event-stream: check the address.`,
        facts,
      )
    : new LinkError(
        'refused',
        `${url} answered ${status}, which asking again will not change: correct the request.`,
        facts,
      )
}

async function excerpt({ clock }: Settings, body: Response['body']): Promise<string> {
  if (body === null) return ''
  const reader = body.getReader()
  const utf8 = new TextDecoder()
  let text = ''
  let bytesLeft = EXCERPT_BYTES
  const tooLate = clock.setTimeout(() => void reader.cancel().catch(ignore), EXCERPT_MS)
  try {
    while (bytesLeft > 0) {
      const { done, value } = await reader.read()
      if (done) break
      text += utf8.decode(value.subarray(0, bytesLeft), { stream: true })
      bytesLeft -= value.length
    }
  } catch {
    // What was read before the body broke is the excerpt.
  }
  clock.clearTimeout(tooLate)
  void reader.cancel().catch(ignore)
  return text
}

/** Gives a body back that nobody will read, so that its connection is free. */
export function letGo(body: Response['body']): void {
  void body?.cancel().catch(ignore)
}

function retry(reason: RetryReason, afterMs = 0): Answer {
  return { kind: 'retry', reason, retryAfterMs: afterMs }
}

/** What went wrong in words; `fetch` hides the useful half in the cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error && cause.message !== ''
    ? `${error.message}: ${cause.message}`
    : error.message
}

function ignore(): void {
  // Cancelling what has already broken is no news.
}
