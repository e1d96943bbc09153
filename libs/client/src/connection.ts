/** One connection that is kept alive: it asks, reads, waits, asks again, and goes on where it was. */
import type { Bye } from '@downlink/protocol'
import type { DecodedEvent } from '@downlink/protocol/sse'
import { backoffMs } from './backoff.ts'
import { wait } from './clock.ts'
import { isControlEvent, readControl } from './control-event.ts'
import { LinkError } from './errors.ts'
import type { Settings } from './link-options.ts'
import { readBody } from './read-body.ts'
import { letGo, request, type Answer } from './request.ts'
import type { LinkStatus, RetryReason } from './status.ts'
import { isOnline, listenForWake } from './wake.ts'
import { createWatchdog, type Watchdog } from './watchdog.ts'
import type * as wireFrames from './wire-frames.ts'
import type { WireFrame } from './wire-frames.ts'

/** What growth starts from where the server asks for `retry: 0`: no client may hammer. */
const LEAST_BASE_MS = 500
/** Longer heartbeats would make the watchdog worthless, and shorter ones reconnect in loops. */
const LEAST_HEARTBEAT_MS = 100
const MOST_HEARTBEAT_MS = 300_000

const SILENT: RetryReason = { code: 'silent', message: 'Nothing was heard for too long.' }

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
  const { clock, random, face } = settings
  let topics: readonly string[] = []
  let status: LinkStatus = { state: 'idle' }
  let lastEventId = settings.lastEventId
  let retryMs = settings.retryMs
  let heartbeatMs = settings.heartbeatMs
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
    if (same(topics, wanted)) return
    topics = wanted
    if (topics.length === 0) {
      // Why it ended or failed is worth keeping when that made the last reader leave.
      rest(status.state === 'ended' || status.state === 'failed' ? status : { state: 'idle' })
      return
    }
    stopListening ??= listenForWake({ wake: check, online: check, offline: probe })
    begin()
  }

  function retryNow(): void {
    const { state } = status
    if (topics.length === 0 || state === 'live' || state === 'connecting') return
    if (state === 'failed' || state === 'ended') begin()
    else if (state === 'stale') renew()
    else start()
  }

  function begin(): void {
    attempt = 0
    refreshed = false
    start({ state: 'connecting', since: clock.now() })
  }

  function close(): void {
    topics = []
    drop()
    stopListening?.()
    stopListening = undefined
  }

  /** Ends for now, with a status that says why. */
  function rest(next: LinkStatus): void {
    if (topics.length === 0) close()
    else drop()
    set(next)
  }

  function drop(): void {
    cancelWait?.()
    watchdog?.stop()
    current?.abort()
    cancelWait = watchdog = current = undefined
  }

  /** A new request at once. An outage keeps its status until the request is answered. */
  function start(next?: LinkStatus): void {
    drop()
    const controller = new AbortController()
    current = controller
    openedAt = Infinity
    delivered = false
    watchdog = createWatchdog(clock, heartbeatMs, {
      stale: () => {
        if (status.state === 'live') set({ state: 'stale', since: clock.now() - silentMs() })
      },
      dead: () => lost(SILENT),
    })
    if (next !== undefined) set(next)
    if (current === controller) void run(controller)
  }

  async function run({ signal }: AbortController): Promise<void> {
    const asked = { topics, lastEventId, refusedStatus, signal }
    refusedStatus = undefined
    // Only who looks at the wire needs what cuts it into frames.
    const frames = listener.onFrames && (await import('./wire-frames.ts').catch(() => undefined))
    const answer = await request(settings, asked)
    if (signal.aborted) {
      if (answer.kind === 'open') letGo(answer.body)
    } else if (answer.kind === 'open') {
      await read(answer.body, signal, frames)
    } else {
      settleAnswer(answer)
    }
  }

  function settleAnswer(answer: Exclude<Answer, { kind: 'open' }>): void {
    if (answer.kind === 'retry') {
      lost(answer.reason, answer.retryAfterMs)
    } else if (answer.kind === 'end') {
      rest({ state: 'ended', reason: answer.reason })
    } else if (answer.kind === 'refused' && !refreshed && typeof settings.headers === 'function') {
      refreshed = true
      refusedStatus = answer.error.status
      start()
    } else {
      rest({ state: 'failed', error: answer.error })
    }
  }

  async function read(
    body: ReadableStream<Uint8Array<ArrayBuffer>>,
    signal: AbortSignal,
    frames: typeof wireFrames | undefined,
  ): Promise<void> {
    const since = clock.now()
    openedAt = since
    refreshed = false
    watchdog?.heard()
    set({ state: 'live', since })
    const end = await readBody(body, {
      signal,
      lastEventId,
      maxEventBytes: settings.maxEventBytes,
      onHeard() {
        watchdog?.heard()
        if (status.state === 'stale') set({ state: 'live', since })
      },
      onRetry: (ms) => (retryMs = ms),
      onChunk: frames?.createFrameCutter(clock, (cut) => listener.onFrames?.(cut)),
      onEvents(events, place) {
        if (events.length === 0 && place === lastEventId) return
        lastEventId = place
        deliver(events, signal)
      },
    })
    if (end instanceof LinkError) rest({ state: 'failed', error: end })
    else if (end !== undefined) lost(end)
  }

  function deliver(events: readonly DecodedEvent[], signal: AbortSignal): void {
    delivered ||= !events.every(isControlEvent)
    const bye = face === 'multiplexed' ? steer(events) : undefined
    listener.onEvents(events, lastEventId)
    if (bye === undefined || signal.aborted) return
    const reason: RetryReason = { code: 'bye', message: bye.reason }
    if (bye.reconnectMs === null) {
      rest({ state: 'ended', reason: bye.reason })
    } else if (worked()) {
      attempt = 0
      pause(reason, bye.reconnectMs)
    } else {
      // A server that greets with goodbye would be asked again and again.
      lost(reason, bye.reconnectMs)
    }
  }

  /** Follows the control events; the link hears of them too. */
  function steer(events: readonly DecodedEvent[]): Bye | undefined {
    for (const event of events) {
      const control = readControl(event)
      if (control?.event === 'downlink.bye') return control.data
      if (control?.event !== 'downlink.hello') continue
      heartbeatMs = Math.min(
        Math.max(control.data.heartbeatMs, LEAST_HEARTBEAT_MS),
        MOST_HEARTBEAT_MS,
      )
      watchdog?.setHeartbeat(heartbeatMs)
    }
    return undefined
  }

  /** The connection is gone: another one after a wait that grows. */
  function lost(reason: RetryReason, retryAfterMs = 0): void {
    if (worked()) attempt = 0
    attempt += 1
    const bounds = {
      leastMs: Math.max(retryMs, retryAfterMs),
      baseMs: Math.max(retryMs, LEAST_BASE_MS),
      mostMs: settings.maxRetryMs,
    }
    pause(reason, backoffMs(attempt, bounds, random))
  }

  function pause(reason: RetryReason, delayMs: number): void {
    drop()
    cancelWait = wait(clock, delayMs, () => start())
    const retryAt = clock.now() + delayMs
    if (isOnline()) {
      set({ state: 'reconnecting', attempt: Math.max(attempt, 1), retryAt, reason })
    } else if (status.state !== 'offline') {
      set({ state: 'offline', since: clock.now() })
    }
  }

  /** Gives up a connection that may be dead, and asks at once. */
  function renew(): void {
    attempt = 1
    start({ state: 'reconnecting', attempt, retryAt: clock.now(), reason: SILENT })
  }

  /** The page or the network is back: no reason to wait, and good reason to doubt a silent connection. */
  function check(): void {
    const { state } = status
    if (state === 'reconnecting' || state === 'offline') start()
    else if (state === 'stale' || (state === 'live' && silentMs() > heartbeatMs * 1.5)) renew()
  }

  /** The platform says that the network is gone. A server on the same machine may still answer: ask. */
  function probe(): void {
    if (current || cancelWait) start({ state: 'offline', since: clock.now() })
  }

  /** A connection that worked ends the outage; one that only opened may be a server in trouble. */
  function worked(): boolean {
    return delivered || clock.now() - openedAt >= heartbeatMs
  }

  function silentMs(): number {
    return watchdog?.silentMs() ?? 0
  }

  function set(next: LinkStatus): void {
    if (next === status) return
    status = next
    listener.onStatus(next)
  }
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((topic) => b.includes(topic))
}
