/** One connection that is kept alive: it asks, reads, waits, asks again, and goes on where it was. */
import type { Bye } from '@downlink/protocol'
import { createDecoder, type DecodedEvent } from '@downlink/protocol/sse'
import { backoffMs } from './backoff.ts'
import { wait } from './clock.ts'
import { isEventStream } from './content-type.ts'
import { isControlEvent, readControl } from './control-event.ts'
import { LinkError } from './errors.ts'
import type { Settings } from './link-options.ts'
import { ignore, letGo, messageOf, prepare, refusal, retryAfterMs, type Reader } from './request.ts'
import { isOver, type LinkStatus, type RetryReason } from './status.ts'
import { isOnline, listenForWake } from './wake.ts'
import { watchSilence } from './watchdog.ts'
import type { WireFrame } from './wire-frames.ts'

/** Longer heartbeats would make the watchdog worthless, and shorter ones reconnect in loops. */
const LEAST_HEARTBEAT_MS = 100
const MOST_HEARTBEAT_MS = 300_000
/** Some thirty years: a server may ask for any wait, and dates have an end. */
const MOST_WAIT_MS = 1e12
const SILENT: RetryReason = { code: 'silent', message: 'Silent for too long.' }

export interface ConnectionListener {
  onStatus(status: LinkStatus): void
  /** The events of one chunk, control events among them, and the last event ID string after it. */
  onEvents(events: readonly DecodedEvent[], lastEventId: string): void
  /** Where this is missing, frames are not cut at all. */
  onFrames?: ((frames: readonly WireFrame[]) => void) | undefined
}

/** What a link stands on: its own connection, or its part of one that tabs share. */
export interface Connection {
  /** The topics to ask for from now on: a change reconnects once, none closes. */
  want(topics: readonly string[]): void
  /** Asks again at once, unless the connection is being made or lives. */
  retryNow(): void
  /** Lets go of everything; nothing is called afterwards. */
  close(): void
}

export function createConnection(settings: Settings, listener: ConnectionListener): Connection {
  const { clock, random, fetch = globalThis.fetch } = settings
  let { lastEventId, retryMs, heartbeatMs } = settings
  let topics: readonly string[] = []
  /** Those whose start was received; the others are named as added while there is a place to go on from. */
  let had: readonly string[] | undefined
  let status: LinkStatus = { state: 'idle' }
  /** Requests in a row of which none became a connection that worked. */
  let attempt = 0
  /** When the present response was opened, and whether an event of the application came with it. */
  let openedAt = Infinity
  let delivered = false
  /** What the last credentials were refused with, for the one request with fresh ones. */
  let refusedStatus: number | undefined
  let refreshed = false
  /** The request under way or the response being read; aborted when it is replaced. */
  let current: AbortController | undefined
  /** Ends the watch over it, or the wait for the next one. */
  let stopTimer: (() => void) | undefined
  /** When something was received last. */
  let heardAt = 0
  let stopListening: (() => void) | undefined

  return { want, retryNow, close }

  function want(wanted: readonly string[]): void {
    if (wanted.length === topics.length && wanted.every((topic) => topics.includes(topic))) return
    topics = wanted
    // A place that was given at the beginning is the place of the topics that were wanted first.
    had = topics.filter((topic) => (had ? had.includes(topic) : lastEventId !== ''))
    if (topics.length > 0) {
      stopListening ??= listenForWake(check, probe)
      begin()
    } else {
      close()
      // Why it ended or failed is worth keeping when that made the last reader leave.
      if (!isOver(status)) set({ state: 'idle' })
    }
  }

  function retryNow(): void {
    if (topics.length === 0) return
    if (isOver(status)) begin()
    else check()
  }

  function close(): void {
    topics = []
    drop()
    stopListening?.()
    stopListening = undefined
  }

  function drop(): void {
    stopTimer?.()
    current?.abort()
    current = undefined
  }

  function begin(): void {
    attempt = 0
    refreshed = false
    start({ state: 'connecting', since: clock.now() })
  }

  /** A new request at once. An outage keeps its status until the request is answered. */
  function start(next = status): void {
    drop()
    const mine = new AbortController()
    current = mine
    openedAt = Infinity
    delivered = false
    heardAt = clock.now()
    watch()
    set(next)
    // Whoever was told of the status may have closed the link.
    if (current === mine) void run(mine)
  }

  function watch(): void {
    stopTimer?.()
    stopTimer = watchSilence(
      clock,
      heartbeatMs,
      silentMs,
      () => {
        if (status.state === 'live') set({ state: 'stale', since: heardAt })
      },
      () => lost(SILENT),
    )
  }

  /** Makes one request and reads its response to the end. */
  async function run(mine: AbortController): Promise<void> {
    const { signal } = mine
    let code: RetryReason['code'] = 'headers'
    try {
      const added = topics.filter((topic) => !had?.includes(topic))
      const asked = { topics, added, lastEventId, refusedStatus, signal }
      refusedStatus = undefined
      const [url, init] = await prepare(settings, asked)
      code = 'network'
      const response = await fetch(url, init)
      const { status: http, headers, body } = response
      const reader = body?.getReader()
      // Also where a custom fetch does not know the signal: no body is left unread.
      signal.addEventListener('abort', () => letGo(reader))
      if (current !== mine) letGo(reader)
      else if (http === 200 && isEventStream(headers.get('content-type'))) await read(mine, reader)
      else if (http === 204) rest({ state: 'ended', reason: 'no-content' })
      else if (http >= 500 || [408, 425, 429].includes(http)) {
        const message = `${url} answered ${http}.`
        lost({ code: 'status', message, status: http }, retryAfterMs(headers, clock.now()))
      } else {
        const error = await refusal(clock, url, response, reader)
        if (current === mine) refused(error)
      }
    } catch (error) {
      if (current === mine) lost({ code, message: messageOf(error) })
    }
  }

  async function read(mine: AbortController, reader: Reader | undefined): Promise<void> {
    const events: DecodedEvent[] = []
    const decoder = createDecoder({
      onEvent: (event) => events.push(event),
      onRetry: (ms) => (retryMs = Math.min(ms, MOST_WAIT_MS)),
      maxEventBytes: settings.maxEventBytes,
      lastEventId,
    })
    const { onFrames } = listener
    // Only who looks at the wire needs what cuts it into frames.
    const frames = onFrames && (await import('./wire-frames.ts').catch(ignore))
    const cut = onFrames && frames?.createFrameCutter(clock, onFrames)
    if (current !== mine) return
    openedAt = clock.now()
    refreshed = false
    heard()
    while (current === mine) {
      const chunk = (await reader?.read())?.value
      if (current !== mine) return
      if (!chunk) {
        lost({ code: 'cut', message: 'The response ended.' })
        return
      }
      heard()
      cut?.(chunk)
      let error: LinkError | undefined
      try {
        decoder.push(chunk)
      } catch (cause) {
        error = new LinkError('event-too-large', messageOf(cause), { cause })
      }
      const place = decoder.lastEventId
      if (events.length > 0 || place !== lastEventId) {
        lastEventId = place
        deliver(mine, events.splice(0))
      }
      if (error && current === mine) rest({ state: 'failed', error })
    }
  }

  function deliver(mine: AbortController, events: readonly DecodedEvent[]): void {
    let goodbye: Bye | undefined
    for (const event of events) {
      if (settings.face === 'plain' || !isControlEvent(event)) {
        delivered = true
        continue
      }
      const { hello, bye } = readControl(event)
      goodbye ??= bye
      if (!hello) continue
      had = topics
      // None at all is a server's right; one every few milliseconds is a mistake that would cut every link.
      heartbeatMs =
        hello.heartbeatMs &&
        Math.min(Math.max(hello.heartbeatMs, LEAST_HEARTBEAT_MS), MOST_HEARTBEAT_MS)
      watch()
    }
    listener.onEvents(events, lastEventId)
    if (!goodbye || current !== mine) return
    const { reason, reconnectMs } = goodbye
    if (reconnectMs === null) rest({ state: 'ended', reason })
    else lost({ code: 'bye', message: reason }, reconnectMs)
  }

  function heard(): void {
    heardAt = clock.now()
    if (status.state !== 'live') set({ state: 'live', since: openedAt })
  }

  function silentMs(): number {
    // The clock may be set back: then the count begins anew.
    heardAt = Math.min(heardAt, clock.now())
    return clock.now() - heardAt
  }

  function refused(error: LinkError): void {
    const unauthorized = error.status === 401 || error.status === 403
    if (unauthorized && !refreshed && typeof settings.headers === 'function') {
      refreshed = true
      refusedStatus = error.status
      start()
    } else rest({ state: 'failed', error })
  }

  /** The connection is gone: another one after a wait that grows, and is at least `askedMs`. */
  function lost(reason: RetryReason, askedMs = 0): void {
    // A connection that worked ends the outage; one that only opened may be a server in trouble.
    const worked = delivered || clock.now() - openedAt >= heartbeatMs
    attempt = worked ? 1 : attempt + 1
    const leastMs = Math.min(askedMs, MOST_WAIT_MS)
    const delayMs =
      reason.code === 'bye' && worked
        ? leastMs
        : backoffMs(attempt, retryMs, Math.max(retryMs, leastMs), settings.maxRetryMs, random)
    drop()
    stopTimer = wait(clock, delayMs, () => start())
    if (isOnline())
      set({ state: 'reconnecting', attempt, retryAt: Math.round(clock.now() + delayMs), reason })
    else if (status.state !== 'offline') set({ state: 'offline', since: clock.now() })
  }

  /** Ends for now, with a status that says why. */
  function rest(next: LinkStatus): void {
    drop()
    set(next)
  }

  /** The page or the network is back: no reason to wait, and good reason to doubt a silent connection. */
  function check(): void {
    const { state } = status
    if (state === 'reconnecting' || state === 'offline') start()
    else if (state === 'stale' || (state === 'live' && silentMs() > heartbeatMs * 1.5)) {
      attempt = 1
      start({ state: 'reconnecting', attempt, retryAt: clock.now(), reason: SILENT })
    }
  }

  /** The platform says that the network is gone. A server on the same machine may still answer: ask. */
  function probe(): void {
    if (!isOver(status)) start({ state: 'offline', since: clock.now() })
  }

  function set(next: LinkStatus): void {
    if (next === status) return
    status = next
    listener.onStatus(next)
  }
}
