/** The options of a link: each with its default, unit and limits. */
import type { Clock } from '@downlink/protocol'
import { systemClock } from './clock.ts'
import { baseUrl, type RequestOptions } from './connection/request.ts'
import type { WireFrame } from './connection/wire-frames.ts'
import { LinkError, messageOf } from './errors.ts'

export interface LinkOptions extends RequestOptions {
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** The last event ID of an earlier link, to resume from. Empty by default: the stream starts fresh. */
  readonly lastEventId?: string | undefined
  /**
   * - `multiplexed` (default): the link adds `topic=` parameters to the URL, events are named `<topic>/<event>`, and
   *   `downlink.` events control the link.
   * - `plain`: any event stream of one topic; the URL is not changed.
   */
  readonly format?: 'multiplexed' | 'plain' | undefined
  /** The reconnection time until the server sets one with `retry`, in milliseconds. 1,000 by default. */
  readonly retryMs?: number | undefined
  /** The limit of the exponential growth of waits, in milliseconds. 30,000 by default. The server may ask for longer waits. */
  readonly maxRetryMs?: number | undefined
  /**
   * The heartbeat interval to expect of a server that announces none, in milliseconds. 15,000 by default. After three
   * intervals without a byte the link reconnects. 0 disables the check.
   */
  readonly heartbeatMs?: number | undefined
  /** The most bytes of one event. 32 MiB by default. The link fails with `event-too-large` beyond it. */
  readonly maxEventBytes?: number | undefined
  /**
   * Whether all tabs of this origin share one connection, held by a tab that they elect. A string names the group, for
   * pages that must not share, such as those of different users. False by default, and where the browser lacks Web Locks or
   * BroadcastChannel.
   */
  readonly share?: boolean | string | undefined
  /** Called with each frame of the wire as received, comments included. */
  readonly onFrame?: ((frame: WireFrame) => void) | undefined
  /** Called with what a callback throws. By default `reportError`, or `console.error` if that is missing. */
  readonly onCallbackError?: ((error: unknown) => void) | undefined
  /** Closes the link when aborted. */
  readonly signal?: AbortSignal | undefined
  /** Time and randomness, for tests. The system clock by default. */
  readonly clock?: Clock | undefined
}

/** The validated options with their defaults. */
export interface Settings extends LinkOptions {
  readonly url: string
  readonly method: string
  readonly lastEventId: string
  readonly retryMs: number
  readonly maxRetryMs: number
  readonly heartbeatMs: number
  readonly clock: Clock
}

/** @throws {LinkError} `bad-option` for options that can never work. */
export function normalizeOptions(url: string | URL, options: LinkOptions): Settings {
  const {
    lastEventId = '',
    retryMs = 1_000,
    maxRetryMs = 30_000,
    heartbeatMs = 15_000,
    clock = systemClock,
  } = options
  try {
    if (!(Math.min(retryMs, maxRetryMs, heartbeatMs) >= 0)) {
      throw new Error('retryMs, maxRetryMs and heartbeatMs must be 0 or more')
    }
    const request = checkRequest(url, options)
    return { ...options, ...request, lastEventId, retryMs, maxRetryMs, heartbeatMs, clock }
  } catch (error) {
    const message = `Invalid options for createLink: ${messageOf(error)}. Correct the arguments.`
    throw new LinkError('bad-option', message)
  }
}

/** Throws for what `fetch` would reject on every attempt. Returns the absolute URL and the normalized method. */
function checkRequest(
  address: string | URL,
  options: LinkOptions,
): { url: string; method: string } {
  const { headers, body } = options
  if ((body as unknown) instanceof ReadableStream) {
    throw new Error('a ReadableStream can be sent only once; pass a function that creates one')
  }
  const whole = new URL(address, baseUrl())
  whole.hash = ''
  const init = {
    ...options,
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: typeof headers === 'function' ? {} : headers,
    // The Request would add a listener of its own to the signal.
    signal: null,
  }
  // A body function counts as text here.
  const { url, method } = new Request(whole, init as RequestInit)
  return { url, method }
}
