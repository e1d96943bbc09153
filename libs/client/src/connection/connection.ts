/** A connection that restores itself: it requests, reads, waits, and requests again with the last event ID. */
import type { Bye } from '@downlink/protocol'
import { createDecoder } from '@downlink/protocol/sse'
import { wait } from '../clock.ts'
import { LinkError, messageOf } from '../errors.ts'
import type { Settings } from '../options.ts'
import { COMPLETE, isOver, type LinkStatus, type RetryReason } from '../status.ts'
import { backoffMs, limitWaitMs } from './backoff.ts'
import {
  CHECKS_PER_BEAT,
  DEAD_BEATS,
  DOUBTFUL_BEATS,
  limitHeartbeatMs,
  STALE_BEATS,
} from './heartbeat.ts'
import { isOnline, listenForPageEvents } from './page-events.ts'
import { toReceivedEvent, type ReceivedEvent } from './received-event.ts'
import { prepareRequest } from './request.ts'
import {
  bodyProblem,
  cancelBody,
  ignore,
  isAbort,
  isEventStream,
  isTemporary,
  MAX_EXCERPT_MS,
  readExcerpt,
  retryAfterMs,
  type BodyReader,
} from './response.ts'
import type { WireFrame } from './wire-frames.ts'

const SILENT: RetryReason = { code: 'silent', message: 'Nothing was received for three heartbeats' }

const SEND_AGAIN = 'Call retryNow() to send the request again.'
const NOT_REPEATED = `The link repeats only GET, because another request could do its work twice. ${SEND_AGAIN}`

export interface ConnectionListener {
  onStatus(status: LinkStatus): void
  /** The events of one chunk, control events included, and the last event ID after them. */
  onEvents(events: readonly ReceivedEvent[], lastEventId: string): void
  /** Frames are cut only if this is present. */
  onFrame?: ((frame: WireFrame) => void) | undefined
}

/** What a link reads from: its own connection, or its part of a connection that tabs share. */
export interface Connection {
  /**
   * Sets the topics to request: at least one, sorted. A change reconnects once, and so does a topic in `restart`, which the
   * server then sends from its start.
   */
  setTopics(topics: readonly string[], restart?: readonly string[]): void
  /** Requests immediately, unless a request is under way or a response is open. */
  retryNow(): void
  /** Releases everything, permanently. No callback is called afterwards. */
  close(): void
}

/** What the chunks of one response are decoded into. */
interface Batch {
  readonly events: ReceivedEvent[]
  bye: Bye | undefined
}

export function createConnection(settings: Settings, listener: ConnectionListener): Connection {
  const { clock, fetch = globalThis.fetch } = settings
  const plain = settings.format === 'plain'
  /** Another request than GET could do its work twice. */
  const isRepeatable = settings.method === 'GET'
  let { lastEventId, retryMs, heartbeatMs } = settings
  let topics: readonly string[] = []
  /** The topics whose start was received. A request that resumes names the others as added. */
  let receivedTopics: readonly string[] = []
  let isFirst = true
  let status: LinkStatus = { state: 'idle' }
  /** Consecutive failed attempts. */
  let attempt = 0
  /** The request under way or the response being read. Aborted when it is replaced. */
  let current = new AbortController()
  /** Whether the timer is a wait for the next request, instead of a heartbeat check. */
  let isWaiting = false
  let cancelTimer: (() => void) | undefined
  /** When the last request started and when something was received last, on the monotonic clock. */
  let requestedAt = 0
  let receivedAt = 0
  const pageEvents = new AbortController()
  listenForPageEvents(pageEvents.signal, checkConnection)

  return {
    setTopics(next, restart = []) {
      if (String(next) === String(topics) && restart.length === 0) return
      // The last event ID of the settings belongs to the first topics.
      if (isFirst) receivedTopics = next
      isFirst = false
      receivedTopics = receivedTopics.filter((topic) => next.includes(topic))
      receivedTopics = without(receivedTopics, restart)
      topics = next
      connect()
    },
    retryNow() {
      if (isOver(status)) connect()
      else checkConnection()
    },
    close() {
      pageEvents.abort()
      cancel()
    },
  }

  /** Cancels the request or the response, and the timer. */
  function cancel(): void {
    cancelTimer?.()
    current.abort()
    isWaiting = false
  }

  function connect(): void {
    attempt = 0
    startRequest({ state: 'connecting', since: clock.dateMs() })
  }

  /** Requests immediately. While the connection is lost, the status stays until the request is answered. */
  function startRequest(next = status, refusedStatus?: number): void {
    cancel()
    current = new AbortController()
    const { signal } = current
    requestedAt = clock.now()
    receivedAt = requestedAt
    watchHeartbeats()
    setStatus(next)
    // A status listener may have closed the link.
    if (!signal.aborted) void run(signal, refusedStatus)
  }

  /** Checks regularly whether the connection is silent. With heartbeats of 0 ms there is no check. */
  function watchHeartbeats(): void {
    cancelTimer?.()
    if (heartbeatMs === 0) return
    cancelTimer = wait(clock, heartbeatMs / CHECKS_PER_BEAT, () => {
      const silentMs = clock.now() - receivedAt
      const beats = silentMs / heartbeatMs
      if (beats >= DEAD_BEATS) {
        reconnect(SILENT)
        return
      }
      watchHeartbeats()
      if (status.state !== 'live') return
      if (beats >= STALE_BEATS) setStatus({ state: 'stale', since: clock.dateMs() - silentMs })
      else attempt = 0
    })
  }

  /** Makes one request and reads its response to the end. */
  async function run(signal: AbortSignal, refusedStatus: number | undefined): Promise<void> {
    let code: RetryReason['code'] = 'headers'
    try {
      const { url, init } = await prepareRequest(
        settings,
        { topics: plain ? [] : topics, receivedTopics, lastEventId },
        { refusedStatus, signal },
      )
      code = 'network'
      const response = await fetch(url, init)
      await handleResponse(response, url, signal, refusedStatus)
    } catch (error) {
      if (signal.aborted) return
      const message = messageOf(error)
      if (code === 'headers' || !isAbort(error)) reconnect({ code, message })
      else {
        const text = `The browser or a custom fetch aborted the request (${message}). ${SEND_AGAIN}`
        fail('aborted', text, { url: settings.url, cause: error })
      }
    }
  }

  async function handleResponse(
    response: Response,
    url: string,
    signal: AbortSignal,
    refusedStatus: number | undefined,
  ): Promise<void> {
    const { status: httpStatus, headers } = response
    const contentType = headers.get('content-type')
    const problem = bodyProblem(response)
    const reader = problem === undefined ? response.body?.getReader() : undefined
    // A custom fetch may ignore its signal. The body must be canceled all the same.
    signal.addEventListener('abort', () => cancelBody(reader))
    if (signal.aborted) {
      cancelBody(reader)
    } else if (httpStatus === 200 && isEventStream(contentType)) {
      if (problem === undefined) await readBody(reader, signal)
      else fail('unreadable-body', problem, { url, status: httpStatus, contentType })
    } else if (httpStatus === 204) {
      stop({ state: 'ended', reason: 'no-content' })
    } else if (isRepeatable && isTemporary(httpStatus)) {
      const message = `The server answered with status ${httpStatus}`
      const requestedMs = retryAfterMs(headers, clock.dateMs())
      reconnect({ code: 'status', message, status: httpStatus }, requestedMs)
    } else if (
      typeof settings.headers === 'function' &&
      refusedStatus === undefined &&
      [401, 403].includes(httpStatus)
    ) {
      startRequest(status, httpStatus)
    } else {
      await refuse(reader, signal, { url, status: httpStatus, contentType })
    }
  }

  /** Fails because of a response that is no event stream, with the beginning of its body. */
  async function refuse(
    reader: BodyReader | undefined,
    signal: AbortSignal,
    response: { url: string; status: number; contentType: string | null },
  ): Promise<void> {
    cancelTimer?.()
    cancelTimer = wait(clock, MAX_EXCERPT_MS, () => cancelBody(reader))
    const facts = { ...response, bodyExcerpt: await readExcerpt(reader) }
    if (signal.aborted) return
    const { url, status: httpStatus, contentType } = facts
    if (httpStatus === 200) {
      const message = `${url} answered with content type ${contentType ?? 'none'} instead of text/event-stream`
      fail('wrong-type', `${message}. Check the URL and the server.`, facts)
    } else {
      const advice = isTemporary(httpStatus) ? NOT_REPEATED : 'Check the URL and the request.'
      fail('refused', `${url} answered with status ${httpStatus}. ${advice}`, facts)
    }
  }

  async function readBody(reader: BodyReader | undefined, signal: AbortSignal): Promise<void> {
    const isReplaced = (): boolean => signal.aborted
    const batch: Batch = { events: [], bye: undefined }
    const decoder = createBatchDecoder(batch)
    const { onFrame } = listener
    const frames = onFrame && (await import('./wire-frames.ts').catch(ignore))
    const cutFrames = onFrame && frames?.createFrameCutter(clock, onFrame)
    if (isReplaced()) return
    markReceived()
    while (!isReplaced()) {
      const chunk = (await reader?.read())?.value
      if (isReplaced()) return
      if (!chunk) {
        reconnect({ code: 'cut', message: 'The server ended the response' })
        return
      }
      markReceived()
      cutFrames?.(chunk)
      // A listener of the status or of frames may have closed the link.
      if (isReplaced()) return
      const error = catchError(() => decoder.push(chunk))
      if (batch.events.length > 0 || decoder.lastEventId !== lastEventId) {
        lastEventId = decoder.lastEventId
        listener.onEvents(batch.events.splice(0), lastEventId)
      }
      if (isReplaced()) return
      if (error) fail('event-too-large', messageOf(error), { cause: error })
      else if (batch.bye) leave(batch.bye)
    }
  }

  /** Applies what concerns the connection at once, and collects all events in the batch. */
  function createBatchDecoder(batch: Batch): ReturnType<typeof createDecoder> {
    return createDecoder({
      onEvent(decoded) {
        const event = plain ? { ...decoded, topic: topics[0] } : toReceivedEvent(decoded)
        if (event.topic !== undefined) attempt = 0
        if (event.hello) receiveHello(event.hello.heartbeatMs)
        if (event.refused) removeTopic(event.refused.topic)
        batch.bye ??= event.bye
        batch.events.push(event)
      },
      onRetry: (ms) => (retryMs = ms),
      maxEventBytes: settings.maxEventBytes,
      lastEventId,
    })
  }

  function receiveHello(announcedMs: number): void {
    receivedTopics = topics
    heartbeatMs = limitHeartbeatMs(announcedMs)
    watchHeartbeats()
  }

  /** Follows a bye: the server says when to reconnect, or not to. */
  function leave({ reason, reconnectMs }: Bye): void {
    if (reconnectMs === null) stop({ state: 'ended', reason })
    else reconnect({ code: 'bye', message: reason }, reconnectMs)
  }

  /** The server refused a topic: later requests leave it out, until `setTopics` names it again. */
  function removeTopic(topic: string): void {
    topics = without(topics, [topic])
    receivedTopics = without(receivedTopics, [topic])
  }

  function markReceived(): void {
    receivedAt = clock.now()
    if (status.state !== 'live') setStatus({ state: 'live', since: clock.dateMs() })
  }

  /** Waits for the backoff, at least `requestedMs`, and requests again. */
  function reconnect(reason: RetryReason, requestedMs = 0): void {
    // If the headers or the body threw, no request was sent.
    if (!isRepeatable && reason.code !== 'headers') {
      interrupt(reason)
      return
    }
    cancel()
    attempt += 1
    // After a connection that worked, the time of a bye is exact. If a bye is the first event, the server may be overloaded.
    const waitMs =
      reason.code === 'bye' && attempt === 1
        ? requestedMs
        : backoffMs(attempt, retryMs, requestedMs, settings.maxRetryMs, clock)
    const delayMs = limitWaitMs(waitMs, clock.now() - requestedAt)
    isWaiting = true
    cancelTimer = wait(clock, delayMs, startRequest)
    if (isOnline()) {
      const retryAt = Math.round(clock.dateMs() + delayMs)
      setStatus({ state: 'reconnecting', attempt, retryAt, reason })
    } else if (status.state !== 'offline') {
      setStatus({ state: 'offline', since: clock.dateMs() })
    }
  }

  /** Ends a request that is not repeated: it is complete when the server ends the response, and fails otherwise. */
  function interrupt({ code, message }: RetryReason): void {
    if (code === 'cut') {
      stop({ state: 'ended', reason: COMPLETE })
      return
    }
    const { method, url } = settings
    fail('interrupted', `${method} ${url} was interrupted (${message}). ${NOT_REPEATED}`, { url })
  }

  /** Stops until `retryNow()` or `setTopics()`, with a status that says why. */
  function stop(next: LinkStatus): void {
    cancel()
    setStatus(next)
  }

  function fail(...args: ConstructorParameters<typeof LinkError>): void {
    stop({ state: 'failed', error: new LinkError(...args) })
  }

  /**
   * Requests immediately instead of waiting, and replaces a silent connection. When the network is lost, an open connection
   * is replaced too, because a server on the same machine may still answer.
   */
  function checkConnection(isLost = false): void {
    const silentMs = clock.now() - receivedAt
    // A server without heartbeats may be silent for any time.
    const isDoubtful = heartbeatMs > 0 && silentMs > heartbeatMs * DOUBTFUL_BEATS
    if (isRepeatable && !isWaiting && !isOver(status) && (isLost || isDoubtful)) reconnect(SILENT)
    if (isWaiting) startRequest()
  }

  function setStatus(next: LinkStatus): void {
    if (next === status) return
    status = next
    listener.onStatus(next)
  }
}

function without(topics: readonly string[], removed: readonly string[]): string[] {
  return topics.filter((topic) => !removed.includes(topic))
}

function catchError(run: () => void): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}
