/** What a link can be told: each option with its default, unit and bound. */
import { baseUrl } from './connection/base-url.ts'
import type { Clock } from '@downlink/protocol'
import { systemClock } from './clock.ts'
import { LinkError } from './errors.ts'
import { messageOf } from './connection/request.ts'
import type { WireFrame } from './connection/wire-frames.ts'

/** Why headers are asked for. */
export interface HeadersRequest {
  /** 401 or 403 where the last credentials were refused: give fresh ones. They are asked for once. */
  readonly refusedStatus: number | undefined
  /** Aborted when the connection is not wanted any more. */
  readonly signal: AbortSignal
}

export type HeadersSource =
  HeadersInit | ((request: HeadersRequest) => HeadersInit | Promise<HeadersInit>)

/** A body may be sent more than once, after 401 or by `retryNow()`, so a ReadableStream, which can be read once, needs a function. */
export type BodySource = Exclude<BodyInit, ReadableStream> | (() => BodyInit | Promise<BodyInit>)

export interface LinkOptions {
  /** In place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** Sent with each request; a function is called for each one, and once more after 401 or 403. */
  readonly headers?: HeadersSource | undefined
  /** As for `fetch`: `same-origin` by default. */
  readonly credentials?: RequestCredentials | undefined
  /**
   * `GET` by default, `POST` with a body. Only GET is repeated by itself. Any other request could do its work twice: the
   * link ends when its response ends, and fails when it breaks, is silent, or is refused, with 5xx too. After 401 or 403
   * it is sent once more where `headers` is a function.
   */
  readonly method?: string | undefined
  readonly body?: BodySource | undefined
  /**
   * Where the last event ID travels: in the `Last-Event-ID` header by default; `query` puts it into
   * `lastEventId=`, which spares a cross-origin request its preflight.
   */
  readonly lastEventIdIn?: 'header' | 'query' | undefined
  /** The place to begin at, kept from an earlier link. Empty by default: from now on. */
  readonly lastEventId?: string | undefined
  /**
   * `multiplexed` (default): `topic=` parameters are added to the address, events are named
   * `<topic>/<event>`, and `downlink.` events steer the link. `plain`: any event stream, unchanged
   * address, one topic.
   */
  readonly format?: 'multiplexed' | 'plain' | undefined
  /** The reconnection time until the server sets one with `retry`. 1,000 ms by default. */
  readonly retryMs?: number | undefined
  /** Where growing waits stop, in milliseconds. 30,000 by default; the server may ask for longer. */
  readonly maxRetryMs?: number | undefined
  /**
   * The longest silence expected of a server that announces none, in milliseconds. 15,000 by default; three
   * of them without a byte and the connection is replaced. 0: never.
   */
  readonly heartbeatMs?: number | undefined
  /** The most bytes of one event. 32 MiB by default; beyond it the link fails with `event-too-large`. */
  readonly maxEventBytes?: number | undefined
  /**
   * One connection for all tabs of this origin: the tabs elect one that holds it. A string names the group,
   * for pages that must not share, such as those of different users. Off by default, and where the browser
   * lacks Web Locks or BroadcastChannel.
   */
  readonly share?: boolean | string | undefined
  /** Called with each frame of the wire as received, comments and all. */
  readonly onFrame?: ((frame: WireFrame) => void) | undefined
  /** Called with what a callback threw. By default `reportError`, or `console.error` where that is missing. */
  readonly onCallbackError?: ((error: unknown) => void) | undefined
  /** Closes the link when aborted. */
  readonly signal?: AbortSignal | undefined
  /** Time and randomness, for tests. The system clock by default. */
  readonly clock?: Clock | undefined
}

/** The options with their defaults, checked. */
export interface Settings extends LinkOptions {
  readonly url: string
  readonly method: string
  readonly lastEventId: string
  readonly retryMs: number
  readonly maxRetryMs: number
  readonly heartbeatMs: number
  readonly clock: Clock
}

/** @throws {LinkError} `bad-option` for what can never work. */
export function settle(address: string | URL, options: LinkOptions): Settings {
  const {
    lastEventId = '',
    retryMs = 1_000,
    maxRetryMs = 30_000,
    heartbeatMs = 15_000,
    clock = systemClock,
    headers,
    body,
    method = body === undefined ? 'GET' : 'POST',
  } = options
  try {
    if (!(Math.min(retryMs, maxRetryMs, heartbeatMs) >= 0)) {
      throw new Error('retryMs, maxRetryMs and heartbeatMs are 0 or more')
    }
    if ((body as unknown) instanceof ReadableStream) {
      throw new Error('a stream is sent once: give a function that makes one')
    }
    const request = { ...options, method, headers: typeof headers === 'function' ? {} : headers }
    // It refuses what `fetch` would refuse on every attempt, and takes a body's function for a text.
    const whole = new URL(address, baseUrl())
    whole.hash = ''
    const { url, method: normalized } = new Request(whole, request as RequestInit)
    return {
      ...options,
      url,
      method: normalized,
      lastEventId,
      retryMs,
      maxRetryMs,
      heartbeatMs,
      clock,
    }
  } catch (error) {
    throw new LinkError('bad-option', `${messageOf(error)}: correct the arguments.`)
  }
}
