/** One connection that is kept alive: it asks, reads, waits, asks again, and goes on where it was. */
import type { Bye } from '@downlink/protocol'
import { createDecoder } from '@downlink/protocol/sse'
import { backoffMs, limitWaitMs } from './backoff.ts'
import { EXCERPT_MS, ignore, isAbort, readExcerpt, unreadable, type Reader } from './response.ts'
import { wait } from '../clock.ts'
import { isEventStream } from './content-type.ts'
import { LinkError } from '../errors.ts'
import {
  CHECKS_PER_BEAT,
  DEAD_BEATS,
  DOUBTFUL_BEATS,
  limitHeartbeatMs,
  STALE_BEATS,
} from './heartbeat.ts'
import type { Settings } from '../options.ts'
import { receive, type Received } from './received.ts'
import { isTemporary, messageOf, prepare, retryAfterMs } from './request.ts'
import { COMPLETE, isOver, type LinkStatus, type RetryReason } from '../status.ts'
import { isOnline, listenForWake } from './page-events.ts'
import type { WireFrame } from './wire-frames.ts'

const SILENT: RetryReason = { code: 'silent', message: 'Nothing was received for three heartbeats' }

const AGAIN = 'Call retryNow() to send it again.'
const NOT_REPEATED = `Only GET is repeated, because another request could do its work twice. ${AGAIN}`

export interface ConnectionListener {
  onStatus(status: LinkStatus): void
  /** What came with one chunk, control events among it, and the last event ID string after it. */
  onEvents(events: readonly Received[], lastEventId: string): void
  /** Where this is missing, frames are not cut at all. */
  onFrame?: ((frame: WireFrame) => void) | undefined
}

/** What a link stands on while it is read: its own connection, or its part of one that tabs share. */
export interface Connection {
  /**
   * The topics to ask for from now on, at least one, sorted: a change reconnects once, and so does a topic
   * whose start is to come `anew`.
   */
  want(topics: readonly string[], anew?: readonly string[]): void
  /** Asks again at once, unless the connection is being made or lives. */
  retryNow(): void
  /** Lets go of everything, for good; nothing is called afterwards. */
  close(): void
}

export function createConnection(settings: Settings, listener: ConnectionListener): Connection {
  const { clock, fetch = globalThis.fetch } = settings
  const plain = settings.format === 'plain'
  /** Repeating another request could do its work twice. */
  const repeats = settings.method === 'GET'
  let { lastEventId, retryMs, heartbeatMs } = settings
  let topics: readonly string[] = []
  /** Those whose start was received; the others are named as added while there is a place to go on from. */
  let had: readonly string[] = []
  let isFirst = true
  let status: LinkStatus = { state: 'idle' }
  /** Requests in a row of which none became a connection that worked. */
  let attempt = 0
  /** The request under way or the response being read; aborted when it is replaced. */
  let current = new AbortController()
  /** Whether the next one is waited for. */
  let waiting = false
  /** Ends the watch over it, or the wait for the next one. */
  let stopTimer: (() => void) | undefined
  /** When the last request was made, and when something was received last, by the monotonic clock. */
  let startedAt = 0
  let heardAt = 0
  const listening = new AbortController()
  listenForWake(listening.signal, check)

  return {
    want(wanted, anew = []) {
      if (String(wanted) === String(topics) && anew.length === 0) return
      // A place that was given at the beginning is the place of the topics that were wanted first.
      if (isFirst) had = wanted
      isFirst = false
      had = had.filter((topic) => wanted.includes(topic) && !anew.includes(topic))
      topics = wanted
      begin()
    },
    retryNow() {
      if (isOver(status)) begin()
      else check()
    },
    close() {
      listening.abort()
      drop()
    },
  }

  function drop(): void {
    stopTimer?.()
    current.abort()
    waiting = false
  }

  function begin(): void {
    attempt = 0
    start({ state: 'connecting', since: clock.dateMs() })
  }

  /** A new request at once. An outage keeps its status until the request is answered. */
  function start(next = status, refusedStatus?: number): void {
    drop()
    current = new AbortController()
    const { signal } = current
    startedAt = clock.now()
    heardAt = startedAt
    watch()
    set(next)
    // Whoever was told of the status may have closed the link.
    if (!signal.aborted) void run(signal, refusedStatus)
  }

  /** Tells a dead connection from a quiet one. Heartbeats of 0 ms are not watched. */
  function watch(): void {
    stopTimer?.()
    if (heartbeatMs === 0) return
    stopTimer = wait(clock, heartbeatMs / CHECKS_PER_BEAT, () => {
      const silentMs = clock.now() - heardAt
      const beats = silentMs / heartbeatMs
      if (beats >= DEAD_BEATS) {
        lost(SILENT)
        return
      }
      watch()
      if (status.state !== 'live') return
      if (beats >= STALE_BEATS) set({ state: 'stale', since: clock.dateMs() - silentMs })
      else attempt = 0
    })
  }

  /** Makes one request and reads its response to the end. */
  async function run(signal: AbortSignal, refusedStatus: number | undefined): Promise<void> {
    const replaced = (): boolean => signal.aborted
    let code: RetryReason['code'] = 'headers'
    try {
      const asked = plain ? [] : topics
      const request = { refusedStatus, signal }
      const [url, init] = await prepare(settings, asked, had, lastEventId, request)
      code = 'network'
      const response = await fetch(url, init)
      const { status: http, headers } = response
      const contentType = headers.get('content-type')
      const problem = unreadable(response)
      const reader = problem === undefined ? response.body?.getReader() : undefined
      const letGo = (): void => void reader?.cancel().catch(ignore)
      // Also where a custom fetch does not know the signal: no body is left unread.
      signal.addEventListener('abort', letGo)
      const message = `${url} answered ${http}`
      if (replaced()) letGo()
      else if (http === 200 && isEventStream(contentType)) {
        if (problem === undefined) await read(replaced, reader)
        else fail('unreadable-body', problem, { url, status: http, contentType })
      } else if (http === 204) rest({ state: 'ended', reason: 'no-content' })
      else if (repeats && isTemporary(http)) {
        lost({ code: 'status', message, status: http }, retryAfterMs(headers, clock.dateMs()))
      } else if (
        typeof settings.headers === 'function' &&
        refusedStatus === undefined &&
        [401, 403].includes(http)
      ) {
        start(status, http)
      } else {
        stopTimer?.()
        stopTimer = wait(clock, EXCERPT_MS, letGo)
        const facts = { url, status: http, contentType, bodyExcerpt: await readExcerpt(reader) }
        const advice = isTemporary(http) ? NOT_REPEATED : 'Correct the request.'
        if (!replaced())
          fail(http === 200 ? 'wrong-type' : 'refused', `${message}. ${advice}`, facts)
      }
    } catch (error) {
      if (replaced()) return
      const message = messageOf(error)
      if (code === 'network' && isAbort(error)) {
        const { url } = settings
        fail(
          'aborted',
          `The browser or a custom fetch aborted the request (${message}). ${AGAIN}`,
          {
            url,
            cause: error,
          },
        )
      } else lost({ code, message })
    }
  }

  async function read(replaced: () => boolean, reader: Reader | undefined): Promise<void> {
    const received: Received[] = []
    let bye: Bye | undefined
    const decoder = createDecoder({
      onEvent(event) {
        const one = plain ? { ...event, topic: topics[0] } : receive(event)
        if (one.topic !== undefined) attempt = 0
        if (one.hello) greet(one.hello.heartbeatMs)
        if (one.refused) forget(one.refused.topic)
        bye ??= one.bye
        received.push(one)
      },
      onRetry: (ms) => (retryMs = ms),
      maxEventBytes: settings.maxEventBytes,
      lastEventId,
    })
    const { onFrame } = listener
    // Only who looks at the wire needs what cuts it into frames.
    const frames = onFrame && (await import('./wire-frames.ts').catch(ignore))
    const cut = onFrame && frames?.createFrameCutter(clock, onFrame)
    if (replaced()) return
    heard()
    while (!replaced()) {
      const chunk = (await reader?.read())?.value
      if (replaced()) return
      if (!chunk) {
        lost({ code: 'cut', message: 'The response ended' })
        return
      }
      heard()
      cut?.(chunk)
      // Whoever was told of either may have closed the link.
      if (replaced()) return
      let failure: unknown
      try {
        decoder.push(chunk)
      } catch (error) {
        failure = error
      }
      const place = decoder.lastEventId
      if (received.length > 0 || place !== lastEventId) {
        lastEventId = place
        listener.onEvents(received.splice(0), lastEventId)
      }
      if (replaced()) return
      if (failure) fail('event-too-large', messageOf(failure), { cause: failure })
      else if (bye?.reconnectMs === null) rest({ state: 'ended', reason: bye.reason })
      else if (bye) lost({ code: 'bye', message: bye.reason }, bye.reconnectMs)
    }
  }

  function greet(beatMs: number): void {
    had = topics
    heartbeatMs = limitHeartbeatMs(beatMs)
    watch()
  }

  /** The server refused a topic: it is asked for again only where it is wanted anew. */
  function forget(topic: string): void {
    topics = topics.filter((one) => one !== topic)
    had = had.filter((one) => one !== topic)
  }

  function heard(): void {
    heardAt = clock.now()
    if (status.state !== 'live') set({ state: 'live', since: clock.dateMs() })
  }

  /** The connection is gone: another one after a wait that grows, and is at least `askedMs`. */
  function lost(reason: RetryReason, askedMs = 0): void {
    // Where the headers or the body could not be had, nothing was sent.
    if (!repeats && reason.code !== 'headers') {
      interrupted(reason)
      return
    }
    drop()
    attempt += 1
    // A bye after a connection that worked is followed to the letter; as a greeting it may be a server in trouble.
    const waitMs =
      reason.code === 'bye' && attempt === 1
        ? askedMs
        : backoffMs(attempt, retryMs, askedMs, settings.maxRetryMs, clock)
    const delayMs = limitWaitMs(waitMs, clock.now() - startedAt)
    waiting = true
    stopTimer = wait(clock, delayMs, start)
    if (isOnline())
      set({ state: 'reconnecting', attempt, retryAt: Math.round(clock.dateMs() + delayMs), reason })
    else if (status.state !== 'offline') set({ state: 'offline', since: clock.dateMs() })
  }

  /** A request that is not repeated: a complete response is its end, anything else fails it. */
  function interrupted({ code, message }: RetryReason): void {
    if (code === 'cut') rest({ state: 'ended', reason: COMPLETE })
    else {
      const { method, url } = settings
      fail('interrupted', `${method} ${url} was interrupted (${message}). ${NOT_REPEATED}`, { url })
    }
  }

  /** Ends for now, with a status that says why. */
  function rest(next: LinkStatus): void {
    drop()
    set(next)
  }

  function fail(...facts: ConstructorParameters<typeof LinkError>): void {
    rest({ state: 'failed', error: new LinkError(...facts) })
  }

  /**
   * The page or the network is back: no reason to wait, and good reason to doubt a silent connection. Where the
   * network is lost, a server on the same machine may still answer: ask.
   */
  function check(isLost = false): void {
    // Who announces no heartbeats may be silent for any time.
    if (
      repeats &&
      !waiting &&
      !isOver(status) &&
      (isLost || (heartbeatMs > 0 && clock.now() - heardAt > heartbeatMs * DOUBTFUL_BEATS))
    ) {
      lost(SILENT)
    }
    if (waiting) start()
  }

  function set(next: LinkStatus): void {
    if (next === status) return
    status = next
    listener.onStatus(next)
  }
}
