/** One connection that is kept alive: it asks, reads, waits, asks again, and goes on where it was. */
import type { Bye } from '@downlink/protocol'
import { createDecoder, type DecodedEvent } from '@downlink/protocol/sse'
import { backoffMs } from './backoff.ts'
import { wait } from './clock.ts'
import { isEventStream } from './content-type.ts'
import { isControlEvent, readControl } from './control-event.ts'
import { LinkError } from './errors.ts'
import type { Settings } from './link-options.ts'
import { ignore, messageOf, prepare, refusal, retryAfterMs } from './request.ts'
import type { LinkStatus, RetryReason } from './status.ts'
import { isOnline, listenForWake } from './wake.ts'
import { createWatchdog, type Watchdog } from './watchdog.ts'
import type { WireFrame } from './wire-frames.ts'

/** Longer heartbeats would make the watchdog worthless, and shorter ones reconnect in loops. */
const LEAST_HEARTBEAT_MS = 100
const MOST_HEARTBEAT_MS = 300_000
/** Some thirty years: a server may ask for any wait, and dates have an end. */
const MOST_WAIT_MS = 1e12
const SILENT = 'Nothing was heard for too long.'

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
  let watchdog: Watchdog | undefined
  let cancelWait: (() => void) | undefined
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
      if (!isOver()) set({ state: 'idle' })
    }
  }

  function retryNow(): void {
    if (topics.length === 0) return
    if (isOver()) begin()
    else check()
  }

  function close(): void {
    topics = []
    drop()
    stopListening?.()
    stopListening = undefined
  }

  function drop(): void {
    cancelWait?.()
    watchdog?.stop()
    current?.abort()
    cancelWait = watchdog = current = undefined
  }

  function begin(): void {
    attempt = 0
    refreshed = false
    start({ state: 'connecting', since: clock.now() })
  }

  /** A new request at once. An outage keeps its status until the request is answered. */
  function start(next = status): void {
    drop()
    const controller = new AbortController()
    current = controller
    openedAt = Infinity
    delivered = false
    watchdog = createWatchdog(
      clock,
      heartbeatMs,
      () => {
        if (status.state === 'live')
          set({ state: 'stale', since: clock.now() - (watchdog?.silentMs() ?? 0) })
      },
      () => lost('silent', SILENT),
    )
    set(next)
    // Whoever was told of the status may have closed the link.
    if (current === controller) void run(controller.signal)
  }

  /** Makes one request and reads its response to the end. */
  async function run(signal: AbortSignal): Promise<void> {
    const aborted = (): boolean => signal.aborted
    let code: RetryReason['code'] = 'headers'
    try {
      const added = topics.filter((topic) => !had?.includes(topic))
      const asked = { topics, added, lastEventId, refusedStatus, signal }
      refusedStatus = undefined
      const [url, init] = await prepare(settings, asked)
      code = 'network'
      const response = await fetch(url, init)
      const reader = response.body?.getReader()
      // Also where a custom fetch does not know the signal: no body is left unread.
      const letGo = (): void => void reader?.cancel().catch(ignore)
      signal.addEventListener('abort', letGo)
      const http = response.status
      if (aborted()) letGo()
      else if (http === 200 && isEventStream(response.headers.get('content-type'))) {
        await read(reader, aborted)
      } else if (http === 204) rest({ state: 'ended', reason: 'no-content' })
      else if (http >= 500 || http === 408 || http === 425 || http === 429) {
        lost('status', `${url} answered ${http}.`, http, retryAfterMs(response, clock.now()))
      } else {
        const error = await refusal(clock, url, response, reader)
        if (!aborted()) refused(error)
      }
    } catch (error) {
      if (!aborted()) lost(code, messageOf(error))
    }
  }

  async function read(
    reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
    aborted: () => boolean,
  ): Promise<void> {
    let events: DecodedEvent[] = []
    const decoder = createDecoder({
      onEvent: (event) => events.push(event),
      onRetry: (ms) => (retryMs = Math.min(ms, MOST_WAIT_MS)),
      maxEventBytes: settings.maxEventBytes,
      lastEventId,
    })
    // Only who looks at the wire needs what cuts it into frames.
    const frames = listener.onFrames && (await import('./wire-frames.ts').catch(ignore))
    const cut = frames?.createFrameCutter(clock, (cut) => listener.onFrames?.(cut))
    openedAt = clock.now()
    refreshed = false
    onHeard()
    while (!aborted()) {
      const chunk = (await reader?.read())?.value
      if (aborted()) return
      if (!chunk) {
        lost('cut', 'The response ended.')
        return
      }
      onHeard()
      cut?.(chunk)
      let error: LinkError | undefined
      try {
        decoder.push(chunk)
      } catch (cause) {
        error = new LinkError('event-too-large', messageOf(cause), { cause })
      }
      const batch = events
      events = []
      const moved = lastEventId !== decoder.lastEventId
      lastEventId = decoder.lastEventId
      if (moved || batch.length > 0) deliver(batch, aborted)
      if (error && !aborted()) rest({ state: 'failed', error })
    }
  }

  function deliver(events: readonly DecodedEvent[], aborted: () => boolean): void {
    const controls = settings.face === 'plain' ? [] : events.filter(isControlEvent)
    delivered ||= controls.length < events.length
    let bye: Bye | undefined
    for (const control of controls.map(readControl)) {
      if (control?.event === 'downlink.bye') bye = control.data
      if (control?.event !== 'downlink.hello') continue
      had = topics
      heartbeatMs = Math.min(control.data.heartbeatMs, MOST_HEARTBEAT_MS)
      // None at all is a server's right; one every few milliseconds is a mistake that would cut every link.
      if (heartbeatMs > 0) heartbeatMs = Math.max(heartbeatMs, LEAST_HEARTBEAT_MS)
      watchdog?.setHeartbeat(heartbeatMs)
    }
    listener.onEvents(events, lastEventId)
    if (!bye || aborted()) return
    const { reason, reconnectMs } = bye
    if (reconnectMs === null) rest({ state: 'ended', reason })
    else lost('bye', reason, undefined, reconnectMs)
  }

  function onHeard(): void {
    watchdog?.heard()
    if (status.state !== 'live') set({ state: 'live', since: openedAt })
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
  function lost(code: RetryReason['code'], message: string, http?: number, askedMs = 0): void {
    // A connection that worked ends the outage; one that only opened may be a server in trouble.
    const worked = delivered || clock.now() - openedAt >= heartbeatMs
    attempt = worked ? 1 : attempt + 1
    const leastMs = Math.min(askedMs, MOST_WAIT_MS)
    const delayMs =
      code === 'bye' && worked
        ? leastMs
        : backoffMs(attempt, retryMs, Math.max(retryMs, leastMs), settings.maxRetryMs, random)
    drop()
    cancelWait = wait(clock, delayMs, () => start())
    const reason: RetryReason = { code, message, ...(http !== undefined && { status: http }) }
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
    const silentMs = watchdog?.silentMs() ?? 0
    if (state === 'reconnecting' || state === 'offline') start()
    else if (state === 'stale' || (state === 'live' && silentMs > heartbeatMs * 1.5)) {
      const reason: RetryReason = { code: 'silent', message: SILENT }
      attempt = 1
      start({ state: 'reconnecting', attempt, retryAt: clock.now(), reason })
    }
  }

  /** The platform says that the network is gone. A server on the same machine may still answer: ask. */
  function probe(): void {
    if (current ?? cancelWait) start({ state: 'offline', since: clock.now() })
  }

  function isOver(): boolean {
    return status.state === 'ended' || status.state === 'failed'
  }

  function set(next: LinkStatus): void {
    if (next === status) return
    status = next
    listener.onStatus(next)
  }
}
