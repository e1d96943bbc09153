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
  /** 401 or 403: worth one more request with fresh credentials. */
  | { readonly kind: 'refused'; readonly error: LinkError }
  | { readonly kind: 'end'; readonly reason: string }
  | { readonly kind: 'fail'; readonly error: LinkError }

export interface Asked {
  readonly topics: readonly string[]
  readonly lastEventId: string
  readonly refusedStatus: number | undefined
  readonly signal: AbortSignal
}

/** Asks once. Never rejects: a broken network, a broken `headers` function and a refusal are answers too. */
export async function request(settings: Settings, asked: Asked): Promise<Answer> {
  const { fetch = globalThis.fetch } = settings
  const url = address(settings, asked)
  let code: RetryReason['code'] = 'headers'
  try {
    const init = await prepare(settings, asked)
    code = 'network'
    return await answer(settings, url, await fetch(url, init))
  } catch (error) {
    return retry({ code, message: messageOf(error) })
  }
}

function address({ url, face, lastEventIdIn }: Settings, { topics, lastEventId }: Asked): string {
  const target = new URL(url)
  target.hash = ''
  if (face === 'multiplexed') for (const topic of topics) target.searchParams.append('topic', topic)
  if (lastEventIdIn === 'query' && lastEventId !== '') {
    target.searchParams.set('lastEventId', lastEventId)
  }
  return target.href
}

async function prepare(settings: Settings, asked: Asked): Promise<RequestInit> {
  const { headers: source, body: bodySource, credentials, lastEventIdIn } = settings
  const { lastEventId, refusedStatus, signal } = asked
  const headers = new Headers(
    typeof source === 'function' ? await source({ refusedStatus, signal }) : source,
  )
  const body = typeof bodySource === 'function' ? await bodySource() : bodySource
  if (!headers.has('accept')) headers.set('accept', 'text/event-stream')
  const id = lastEventIdIn === 'header' && lastEventIdHeader(lastEventId)
  if (id) headers.set('last-event-id', id)
  const init: RequestInit & { duplex?: 'half' } = {
    method: settings.method ?? (body === undefined ? 'GET' : 'POST'),
    headers,
    signal,
    cache: 'no-store',
  }
  if (credentials) init.credentials = credentials
  if (body !== undefined) init.body = body
  // A body that is a stream can only be sent so.
  if (body instanceof ReadableStream) init.duplex = 'half'
  return init
}

async function answer(settings: Settings, url: string, response: Response): Promise<Answer> {
  const { status, headers, body } = response
  const contentType = headers.get('content-type') ?? undefined
  const verdict = judge(status, contentType)
  if (verdict === 'accept') {
    return body ? { kind: 'open', body } : retry({ code: 'cut', message: 'No body.' })
  }
  if (verdict === 'end' || verdict === 'retry') {
    letGo(body)
    return verdict === 'end'
      ? { kind: 'end', reason: 'no-content' }
      : retry(
          { code: 'status', message: `${url} answered ${status}.`, status },
          retryAfterMs(headers.get('retry-after'), settings.clock.now()),
        )
  }
  const facts = { url, status, contentType, bodyExcerpt: await excerpt(settings, body) }
  const error =
    status === 200
      ? new LinkError('wrong-type', `${url} is no event stream: check the address.`, facts)
      : new LinkError('refused', `${url} answered ${status}: correct the request.`, facts)
  return { kind: verdict === 'refresh' ? 'refused' : 'fail', error }
}

async function excerpt({ clock }: Settings, body: Response['body']): Promise<string> {
  if (!body) return ''
  const reader = body.getReader()
  const utf8 = new TextDecoder()
  let text = ''
  let bytesLeft = EXCERPT_BYTES
  const stop = (): void => void reader.cancel().catch(ignore)
  const timer = clock.setTimeout(stop, EXCERPT_MS)
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
  clock.clearTimeout(timer)
  stop()
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
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { message, cause } = error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}

function ignore(): void {
  // Cancelling what has already broken is no news.
}
