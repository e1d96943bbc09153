/** The request of a connection: its options, its URL and the last event ID that it carries. */

/** Why `headers` is called. */
export interface HeadersRequest {
  /** 401 or 403 if the server refused the last credentials: return fresh ones. Otherwise undefined. */
  readonly refusedStatus: number | undefined
  /** Aborted when the connection is no longer needed. */
  readonly signal: AbortSignal
}

export type HeadersSource =
  HeadersInit | ((request: HeadersRequest) => HeadersInit | Promise<HeadersInit>)

/**
 * A body may be sent more than once, after 401 or by `retryNow()`. A ReadableStream can be read only once, so it needs a
 * function that creates one.
 */
export type BodySource = Exclude<BodyInit, ReadableStream> | (() => BodyInit | Promise<BodyInit>)

/** The options of a link that describe its requests. */
export interface RequestOptions {
  /** Sent with each request. A function is called for each request, and once more after 401 or 403. */
  readonly headers?: HeadersSource | undefined
  /** As for `fetch`: `same-origin` by default. */
  readonly credentials?: RequestCredentials | undefined
  /**
   * `GET` by default, `POST` with a body. The link repeats only GET, because another request could do its work twice. With
   * another method the link ends when its response ends. It fails when the response breaks, is silent, or has an error
   * status, 5xx included. After 401 or 403 it sends the request once more if `headers` is a function.
   */
  readonly method?: string | undefined
  readonly body?: BodySource | undefined
  /**
   * Where the request carries the last event ID: in the `Last-Event-ID` header by default. `query` puts it into
   * `lastEventId=`, so that a cross-origin request needs no preflight.
   */
  readonly lastEventIdIn?: 'header' | 'query' | undefined
}

/** The topics of a request, and where they continue. */
export interface RequestTopics {
  readonly topics: readonly string[]
  /** The topics whose start was received. */
  readonly receivedTopics: readonly string[]
  /** Empty before the first event. */
  readonly lastEventId: string
}

/** What a header field value may contain (RFC 9110, 5.5), as bytes in a string. Some servers reject a request with anything else. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** Node and most servers answer 431 to a URL and headers of more than 16 KiB, and would do so on every reconnect. */
const MAX_ID_BYTES = 15_360

/**
 * The URL and the options for `fetch`. If the request resumes, it names the topics whose start was not received as `added`.
 * Rejects with what the `headers` or `body` function throws.
 */
export async function prepareRequest(
  options: RequestOptions & { readonly url: string },
  { topics, receivedTopics, lastEventId }: RequestTopics,
  request: HeadersRequest,
): Promise<{ url: string; init: RequestInit }> {
  const { headers, body, method, credentials } = options
  const url = new URL(options.url)
  const { searchParams } = url
  for (const topic of topics) {
    searchParams.append('topic', topic)
    if (lastEventId && !receivedTopics.includes(topic)) searchParams.append('added', topic)
  }
  const sentHeaders = new Headers(typeof headers === 'function' ? await headers(request) : headers)
  if (!sentHeaders.has('accept')) sentHeaders.set('accept', 'text/event-stream')
  const id = lastEventIdHeader(lastEventId)
  if (lastEventId && options.lastEventIdIn === 'query') {
    searchParams.set('lastEventId', lastEventId)
    if (url.search.length > MAX_ID_BYTES) searchParams.delete('lastEventId')
  } else if (id) sentHeaders.set('last-event-id', id)
  const init = {
    method,
    headers: sentHeaders,
    body: typeof body === 'function' ? await body() : body,
    // Required for a body that is a stream; no other body is affected.
    duplex: 'half',
    cache: 'no-store',
    credentials,
    signal: request.signal,
  }
  // `fetch` treats undefined members as missing, which its type does not express.
  return { url: url.href, init: init as RequestInit }
}

/**
 * The header value that carries an id: its UTF-8 bytes, one per character, as `fetch` expects them. Empty for an id that
 * HTTP cannot carry: it is better to reconnect without the id than not to reconnect.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
 */
export function lastEventIdHeader(id: string): string {
  const bytes = new TextEncoder().encode(id)
  const value = bytes.length > MAX_ID_BYTES ? '' : String.fromCharCode(...bytes)
  return FIELD_VALUE.test(value) ? value : ''
}

/** The base of relative URLs: the document's base URL, or the worker's URL. Undefined elsewhere, so that only absolute URLs parse. */
export function baseUrl(): string | undefined {
  const scope = globalThis as { document?: { baseURI?: string }; location?: { href?: string } }
  return scope.document?.baseURI ?? scope.location?.href
}
