/**
 * The standard's `EventSource`, built on `fetch`, for every runtime.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
 */
import type { Clock } from '@downlink/protocol'
import { createDecoder, type DecodedEvent } from '@downlink/protocol/sse'
import { MIN_WAIT_MS, limitWaitMs } from '../connection/backoff.ts'
import { baseUrl, lastEventIdHeader } from '../connection/request.ts'
import {
  bodyProblem,
  cancelBody,
  ignore,
  isAbort,
  isEventStream,
  type BodyReader,
} from '../connection/response.ts'
import { systemClock, wait } from '../clock.ts'
import { createEventHandler } from './event-handler.ts'

/** The reconnection time until the server sets one. The standard suggests "a few seconds". */
const DEFAULT_RETRY_MS = 3_000
/** The limit of the exponential growth after failed requests. The server may set a longer reconnection time. */
const MAX_GROWN_MS = 30_000
/** The standard has no limit, but memory has: a larger event fails the connection. */
const MAX_EVENT_BYTES = 2 ** 28
/** `fetch` fails on every attempt with any other scheme, and with a user name or password in the URL. */
const FETCHABLE_SCHEMES = new Set(['http:', 'https:', 'data:', 'blob:'])

const TRUSTED = { value: true, enumerable: true }
/** In Node, scripts may define `isTrusted`. Browsers do not allow it. */
const CAN_DEFINE_TRUSTED = Reflect.defineProperty(new Event('open'), 'isTrusted', TRUSTED)

const CONNECTING = 0
const OPEN = 1
const CLOSED = 2

export interface EventSourceOptions {
  /** Whether cookies and other credentials are sent to other origins too. False by default. */
  readonly withCredentials?: boolean | undefined
  /** Used instead of the global `fetch`. Called with the URL and the usual options. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined
  /** Sent with each request, in addition to `Accept` and `Last-Event-ID`. */
  readonly headers?: HeadersInit | undefined
  /** Time and randomness, for tests. The system clock by default. */
  readonly clock?: Clock | undefined
}

export interface EventSourceEventMap {
  open: Event
  message: MessageEvent<string>
  error: Event
}

type Listener<E> = (this: EventSource, event: E) => unknown

export interface EventSource extends EventTarget {
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSED: 2
  /** The absolute URL. */
  readonly url: string
  readonly withCredentials: boolean
  readonly readyState: 0 | 1 | 2
  onopen: Listener<Event> | null
  onmessage: Listener<MessageEvent<string>> | null
  onerror: Listener<Event> | null
  /** Aborts the request or the response. No event is dispatched and no request is made afterwards. */
  close(): void
  addEventListener<Type extends keyof EventSourceEventMap>(
    type: Type,
    listener: Listener<EventSourceEventMap[Type]>,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(
    type: string,
    listener: Listener<MessageEvent<string>> | EventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void
}

export interface EventSourceConstructor {
  readonly prototype: EventSource
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSED: 2
  /**
   * Connects immediately.
   *
   * @throws {DOMException} `SyntaxError` for an invalid URL.
   */
  new (url: string | URL, options?: EventSourceOptions): EventSource
}

/**
 * A drop-in replacement for the platform's `EventSource`, with three additions that the standard allows: the wait grows after
 * each failed request, a request omits an id that HTTP cannot carry, and `fetch` and `headers` can be set.
 */
export const EventSource: EventSourceConstructor = class EventSource extends EventTarget {
  declare static readonly CONNECTING: 0
  declare static readonly OPEN: 1
  declare static readonly CLOSED: 2
  declare readonly CONNECTING: 0
  declare readonly OPEN: 1
  declare readonly CLOSED: 2

  readonly #url: URL
  readonly #options: EventSourceOptions
  readonly #withCredentials: boolean
  readonly #headers: Headers
  readonly #open = createEventHandler(this, 'open')
  readonly #message = createEventHandler(this, 'message')
  readonly #error = createEventHandler(this, 'error')
  #readyState: 0 | 1 | 2 = CONNECTING
  #lastEventId = ''
  #retryMs = DEFAULT_RETRY_MS
  /** Consecutive failed requests. */
  #failures = 0
  /** When the last request started, on the monotonic clock. */
  #requestedAt = 0
  #request: AbortController | undefined
  #cancelWait: (() => void) | undefined

  constructor(url: string | URL, options: EventSourceOptions = {}) {
    super()
    if (arguments.length === 0)
      throw new TypeError('EventSource needs a URL as its first argument.')
    this.#url = parse(url)
    this.#options = dictionary(options)
    this.#withCredentials = Boolean(this.#options.withCredentials)
    this.#headers = new Headers(this.#options.headers)
    if (!this.#headers.has('accept')) this.#headers.set('accept', 'text/event-stream')
    void this.#connect()
  }

  get url(): string {
    return this.#url.href
  }
  get withCredentials(): boolean {
    return this.#withCredentials
  }
  get readyState(): 0 | 1 | 2 {
    return this.#readyState
  }
  get onopen(): Listener<Event> | null {
    return this.#open.get() as Listener<Event> | null
  }
  set onopen(handler) {
    this.#open.set(handler)
  }
  get onmessage(): Listener<MessageEvent<string>> | null {
    return this.#message.get() as Listener<MessageEvent<string>> | null
  }
  set onmessage(handler) {
    this.#message.set(handler)
  }
  get onerror(): Listener<Event> | null {
    return this.#error.get() as Listener<Event> | null
  }
  set onerror(handler) {
    this.#error.set(handler)
  }
  close(): void {
    this.#readyState = CLOSED
    this.#cancelWait?.()
    this.#request?.abort()
  }

  /** https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface, steps 11 to 15 */
  async #connect(): Promise<void> {
    this.#request = new AbortController()
    const { signal } = this.#request
    this.#requestedAt = this.#clock.now()
    const isClosed = (): boolean => signal.aborted
    // The constructor returns first, so that listeners added in the same tick receive every event.
    await Promise.resolve()
    if (isClosed()) return
    const { protocol, username, password } = this.#url
    if (!FETCHABLE_SCHEMES.has(protocol) || username + password !== '') {
      this.#fail()
      return
    }
    let response: Response
    try {
      response = await this.#fetch(signal)
    } catch (error) {
      if (isClosed()) return
      // "If res is an aborted network error, then fail the connection": the page was stopped.
      if (isAbort(error)) this.#fail()
      else this.#reconnect(true)
      return
    }
    await this.#handleResponse(response, signal)
  }

  /** https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface, step 15 */
  async #handleResponse(response: Response, signal: AbortSignal): Promise<void> {
    const { status, headers, body } = response
    const problem = bodyProblem(response)
    const isAccepted = status === 200 && isEventStream(headers.get('content-type'))
    if (signal.aborted || !isAccepted || problem !== undefined) {
      if (problem === undefined) void body?.cancel().catch(ignore)
      if (signal.aborted) return
      // An error event has no message in the standard, so the reason is logged.
      if (isAccepted) console.error(`EventSource: ${problem}`)
      this.#fail()
      return
    }
    this.#failures = 0
    this.#readyState = OPEN
    this.#fire(new Event('open'))
    if (body) await this.#read(body.getReader(), signal, new URL(response.url || this.#url).origin)
  }

  #fetch(signal: AbortSignal): Promise<Response> {
    const headers = new Headers(this.#headers)
    const id = lastEventIdHeader(this.#lastEventId)
    if (id) headers.set('last-event-id', id)
    const fetch = this.#options.fetch ?? globalThis.fetch
    return fetch(this.#url.href, {
      method: 'GET',
      mode: 'cors',
      credentials: this.#withCredentials ? 'include' : 'same-origin',
      cache: 'no-store',
      redirect: 'follow',
      headers,
      signal,
    })
  }

  get #clock(): Clock {
    return this.#options.clock ?? systemClock
  }

  async #read(reader: BodyReader, signal: AbortSignal, origin: string): Promise<void> {
    const isClosed = (): boolean => signal.aborted
    const EventOfOrigin = messageEventOf(origin)
    const events: DecodedEvent[] = []
    const decoder = createDecoder({
      onEvent: (event) => events.push(event),
      onRetry: (retryMs) => (this.#retryMs = retryMs),
      maxEventBytes: MAX_EVENT_BYTES,
      lastEventId: this.#lastEventId,
    })
    // A custom fetch may ignore its signal. The body must be canceled all the same.
    signal.addEventListener('abort', () => cancelBody(reader))
    if (isClosed()) cancelBody(reader)
    while (!isClosed()) {
      try {
        const chunk = await this.#readChunk(reader)
        if (isClosed()) return
        if (chunk === undefined) {
          this.#reconnect(false)
          return
        }
        decoder.push(chunk)
      } catch {
        // The body was aborted, or an event is too large.
        if (!isClosed()) this.#fail()
        return
      }
      this.#lastEventId = decoder.lastEventId
      for (const { event, data, id } of events.splice(0)) {
        this.#fire(new EventOfOrigin(event, { data, lastEventId: id }))
        // Each event is a task of its own: code that awaits one event runs before the next, and may close.
        await Promise.resolve()
        if (isClosed()) return
      }
    }
  }

  /** The next chunk; undefined at the end of the body, also if the body breaks. Rejects if the body was aborted. */
  async #readChunk(reader: BodyReader): Promise<Uint8Array | undefined> {
    try {
      return (await reader.read()).value
    } catch (error) {
      if (isAbort(error)) throw error
      return undefined
    }
  }

  /** https://html.spec.whatwg.org/multipage/server-sent-events.html#reestablish-the-connection */
  #reconnect(failed: boolean): void {
    if (failed) this.#failures += 1
    this.#readyState = CONNECTING
    const waitMs = limitWaitMs(this.#waitMs(), this.#clock.now() - this.#requestedAt)
    this.#cancelWait = wait(this.#clock, waitMs, () => void this.#connect())
    this.#fire(new Event('error'))
  }

  #waitMs(): number {
    const retryMs = this.#retryMs
    if (this.#failures < 2) return retryMs
    const grownMs = Math.max(retryMs, MIN_WAIT_MS) * 2 ** (this.#failures - 1)
    // Jitter: the clients of a server that failed do not reconnect at the same moment.
    return Math.max(retryMs, Math.min(grownMs, MAX_GROWN_MS) * (0.5 + this.#clock.random() / 2))
  }

  /** https://html.spec.whatwg.org/multipage/server-sent-events.html#fail-the-connection */
  #fail(): void {
    this.#readyState = CLOSED
    this.#request?.abort()
    this.#fire(new Event('error'))
  }

  /** https://dom.spec.whatwg.org/#concept-event-fire. The event is trusted where the platform allows that. */
  #fire(event: Event): void {
    if (CAN_DEFINE_TRUSTED) Reflect.defineProperty(event, 'isTrusted', TRUSTED)
    this.dispatchEvent(event)
  }
}

defineInterface()

/** Defines what Web IDL requires and a class cannot declare: a name that bundlers keep, constants, enumerable members. */
function defineInterface(): void {
  const { prototype } = EventSource
  Object.defineProperty(EventSource, 'name', { value: 'EventSource', configurable: true })
  for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSED })) {
    Object.defineProperty(EventSource, name, { value, enumerable: true })
    Object.defineProperty(prototype, name, { value, enumerable: true })
  }
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name !== 'constructor') Object.defineProperty(prototype, name, { enumerable: true })
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: 'EventSource', configurable: true })
}

/**
 * A `MessageEvent` with a fixed origin. Chromium parses the origin of each event that is constructed with one, which takes as
 * long as constructing and dispatching the event.
 */
function messageEventOf(origin: string): typeof MessageEvent {
  const EventOfOrigin = class<T> extends MessageEvent<T> {}
  Object.defineProperties(EventOfOrigin.prototype, {
    constructor: { value: MessageEvent, configurable: true, writable: true },
    // Deno's constructor sets the property.
    origin: { get: () => origin, set: ignore, configurable: true, enumerable: true },
  })
  return EventOfOrigin
}

function parse(url: string | URL): URL {
  // Unlike `String`, a template throws a TypeError for a symbol, as Web IDL requires.
  const text = `${url}`
  try {
    const parsed = new URL(text, baseUrl())
    // Some browsers escape invalid characters of a host. The standard rejects the URL.
    if (!parsed.hostname.includes('%')) return parsed
  } catch {
    // Reported below, like such a host.
  }
  throw new DOMException(
    `Invalid URL: ${text}. Use an absolute URL; a relative URL needs a page as its base.`,
    'SyntaxError',
  )
}

/** https://webidl.spec.whatwg.org/#js-dictionary */
function dictionary(options: unknown): EventSourceOptions {
  if (options === undefined || options === null) return {}
  if (typeof options === 'object' || typeof options === 'function') return options
  throw new TypeError('The second argument of EventSource must be an object.')
}
