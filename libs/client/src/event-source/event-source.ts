/**
 * `EventSource` as the standard has it, on `fetch`, for every runtime.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
 */
import type { Clock } from '@downlink/protocol'
import { createDecoder, type DecodedEvent } from '@downlink/protocol/sse'
import { MIN_WAIT_MS, limitWaitMs } from '../connection/backoff.ts'
import { baseUrl } from '../connection/base-url.ts'
import { ignore, isAbort, unreadable } from '../connection/response.ts'
import { systemClock, wait } from '../clock.ts'
import { isEventStream } from '../connection/content-type.ts'
import { createEventHandler } from './event-handler.ts'
import { lastEventIdHeader } from '../connection/last-event-id.ts'

/** The reconnection time until the server sets one: "in the region of a few seconds". */
const DEFAULT_RETRY_MS = 3_000
/** Where the growth after failed requests stops; the reconnection time may lie above it. */
const MOST_GROWN_MS = 30_000
/** The standard has no limit, memory has: an event of more bytes fails the connection. */
const MAX_EVENT_BYTES = 2 ** 28
/** With any other scheme a fetch fails, however often it is tried; so it does with a name or password in the address. */
const FETCHED_SCHEMES = new Set(['http:', 'https:', 'data:', 'blob:'])

const TRUSTED = { value: true, enumerable: true }
/** Node leaves it open which events are trusted; browsers keep that to themselves. */
const MAY_TRUST = Reflect.defineProperty(new Event('open'), 'isTrusted', TRUSTED)

const CONNECTING = 0
const OPEN = 1
const CLOSED = 2

export interface EventSourceOptions {
  /** Whether cookies and other credentials go to other origins too. False by default. */
  readonly withCredentials?: boolean | undefined
  /** In place of the global `fetch`, called with the address and the usual options. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined
  /** Sent with each request, beside `Accept` and `Last-Event-ID`. */
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
  /** The address, resolved. */
  readonly url: string
  readonly withCredentials: boolean
  readonly readyState: 0 | 1 | 2
  onopen: Listener<Event> | null
  onmessage: Listener<MessageEvent<string>> | null
  onerror: Listener<Event> | null
  /** Aborts whatever is under way. No event is dispatched and no request made afterwards. */
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
   * Connects at once.
   *
   * @throws {DOMException} `SyntaxError` for an address that cannot be parsed.
   */
  new (url: string | URL, options?: EventSourceOptions): EventSource
}

/**
 * Drop-in for the platform's `EventSource`. It goes further than the standard in three points that the
 * standard leaves open: requests wait longer after each one that failed, an id that HTTP cannot carry is
 * left out of the request, and `fetch` and `headers` may be given.
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
  /** Requests in a row that gave no event stream. */
  #failures = 0
  /** When the last request was made, by the monotonic clock. */
  #requestedAt = 0
  #request: AbortController | undefined
  #cancelWait: (() => void) | undefined

  constructor(url: string | URL, options: EventSourceOptions = {}) {
    super()
    if (arguments.length === 0) throw new TypeError('EventSource needs an address: give a URL.')
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
    const closed = (): boolean => signal.aborted
    // The constructor returns first: listeners added in the same turn miss nothing.
    await Promise.resolve()
    if (closed()) return
    const { protocol, username, password } = this.#url
    if (!FETCHED_SCHEMES.has(protocol) || username + password !== '') {
      this.#fail()
      return
    }
    let response: Response
    try {
      response = await this.#fetch(signal)
    } catch (error) {
      if (closed()) return
      // "If res is an aborted network error, then fail the connection": the page was stopped.
      if (isAbort(error)) this.#fail()
      else this.#reconnect(true)
      return
    }
    const { status, headers, body } = response
    const problem = unreadable(response)
    const accepted = status === 200 && isEventStream(headers.get('content-type'))
    if (closed() || !accepted || problem !== undefined) {
      if (problem === undefined) void body?.cancel().catch(ignore)
      if (closed()) return
      // The standard gives an error event no message, and asking again would give the same.
      if (accepted) console.error(`EventSource: ${problem}`)
      this.#fail()
      return
    }
    this.#failures = 0
    this.#readyState = OPEN
    this.#fire(new Event('open'))
    if (body) await this.#read(body, signal, new URL(response.url || this.#url).origin)
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

  async #read(
    body: NonNullable<Response['body']>,
    signal: AbortSignal,
    origin: string,
  ): Promise<void> {
    const closed = (): boolean => signal.aborted
    const OriginalMessageEvent = messageEventOf(origin)
    let events: DecodedEvent[] = []
    const decoder = createDecoder({
      onEvent: (event) => events.push(event),
      onRetry: (retryMs) => (this.#retryMs = retryMs),
      maxEventBytes: MAX_EVENT_BYTES,
      lastEventId: this.#lastEventId,
    })
    const reader = body.getReader()
    // A custom fetch may not know the signal: its body is let go all the same.
    const letGo = (): void => void reader.cancel().catch(ignore)
    signal.addEventListener('abort', letGo)
    if (closed()) letGo()
    while (!closed()) {
      let chunk: Uint8Array | undefined
      try {
        chunk = (await reader.read()).value
      } catch (error) {
        if (!closed() && isAbort(error)) {
          this.#fail()
          return
        }
        // A broken body ends the stream as a complete one does.
      }
      if (closed()) return
      if (chunk === undefined) {
        this.#reconnect(false)
        return
      }
      try {
        decoder.push(chunk)
      } catch {
        this.#fail()
        return
      }
      this.#lastEventId = decoder.lastEventId
      const batch = events
      events = []
      for (const { event, data, id } of batch) {
        this.#fire(new OriginalMessageEvent(event, { data, lastEventId: id }))
        // Each event is a task of its own: what awaits one runs before the next, and may close.
        await Promise.resolve()
        if (closed()) return
      }
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
    // Clients of one server that failed do not come back together.
    return Math.max(retryMs, Math.min(grownMs, MOST_GROWN_MS) * (0.5 + this.#clock.random() / 2))
  }

  /** https://html.spec.whatwg.org/multipage/server-sent-events.html#fail-the-connection */
  #fail(): void {
    this.#readyState = CLOSED
    this.#request?.abort()
    this.#fire(new Event('error'))
  }

  /** https://dom.spec.whatwg.org/#concept-event-fire: as the platform does it, so far as the platform allows. */
  #fire(event: Event): void {
    if (MAY_TRUST) Reflect.defineProperty(event, 'isTrusted', TRUSTED)
    this.dispatchEvent(event)
  }
}

defineInterface()

/** What a class cannot say of itself and Web IDL asks for: its name also when bundled, constants, enumerable members. */
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
 * `MessageEvent` with an origin of its own: Chromium parses the origin that an event is given, each time, which takes
 * as long as to make the event and to dispatch it.
 */
function messageEventOf(origin: string): typeof MessageEvent {
  const Original = class<T> extends MessageEvent<T> {}
  Object.defineProperties(Original.prototype, {
    constructor: { value: MessageEvent, configurable: true, writable: true },
    // Deno's own constructor sets it.
    origin: { get: () => origin, set: ignore, configurable: true, enumerable: true },
  })
  return Original
}

function parse(url: string | URL): URL {
  // Unlike `String`, this refuses symbols, as Web IDL does.
  const text = `${url}`
  try {
    const parsed = new URL(text, baseUrl())
    // Some browsers escape what may not be in a host, where the standard gives up.
    if (!parsed.hostname.includes('%')) return parsed
  } catch {
    // As for such a host.
  }
  throw new DOMException(`${text} is no address, or needs a page to be relative to.`, 'SyntaxError')
}

/** https://webidl.spec.whatwg.org/#js-dictionary */
function dictionary(options: unknown): EventSourceOptions {
  if (options === undefined || options === null) return {}
  if (typeof options === 'object' || typeof options === 'function') return options
  throw new TypeError('The options of an EventSource are an object.')
}
