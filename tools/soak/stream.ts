/** A client of one event stream that records when each event arrives. */
import { get, type ClientRequest, type IncomingMessage } from 'node:http'
import { constants, createGunzip } from 'node:zlib'
import { createDecoder, type DecodedEvent } from '@downlink/protocol/sse'

export interface StreamOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** The local address of the client. */
  readonly localAddress?: string
  /** The time limit for the headers in milliseconds. Default 10,000. */
  readonly timeoutMs?: number
}

export interface ReceivedEvent extends DecodedEvent {
  /** On the clock of `performance.now()`. */
  readonly atMs: number
}

export interface OpenStream {
  readonly isGzip: boolean
  /** The time from the request to the headers. */
  readonly headersMs: number
  /** On the clock of `performance.now()`. */
  readonly openedAtMs: number
  readonly events: readonly ReceivedEvent[]
  /** The number of comments so far. */
  readonly comments: () => number
  /** Resolves with the first matching event, past or future. Undefined after the timeout or the end of the stream. */
  event(
    matches: (event: ReceivedEvent) => boolean,
    timeoutMs: number,
  ): Promise<ReceivedEvent | undefined>
  /** Resolves with whether the stream ends within the timeout. */
  endsWithin(timeoutMs: number): Promise<boolean>
  /** Closes the connection. */
  close(): void
}

const HEADERS_TIMEOUT_MS = 10_000

/** Resolves when the headers have arrived. Rejects after the timeout or an error. */
export function openStream(url: string, options: StreamOptions = {}): Promise<OpenStream> {
  const { headers = {}, localAddress, timeoutMs = HEADERS_TIMEOUT_MS } = options
  return new Promise((resolve, reject) => {
    const startedAtMs = performance.now()
    const request = get(url, {
      agent: false,
      headers: { accept: 'text/event-stream', ...headers },
      ...(localAddress === undefined ? {} : { localAddress }),
    })
    const timer = setTimeout(() => {
      request.destroy(new Error(`No headers after ${timeoutMs} ms from ${url}.`))
    }, timeoutMs)
    request.once('error', reject)
    request.once('response', (response) => {
      clearTimeout(timer)
      request.off('error', reject)
      request.on('error', () => undefined)
      resolve(read(request, response, startedAtMs))
    })
    request.once('close', () => clearTimeout(timer))
  })
}

function read(request: ClientRequest, response: IncomingMessage, startedAtMs: number): OpenStream {
  const openedAtMs = performance.now()
  const events: ReceivedEvent[] = []
  const watchers = new Set<() => void>()
  let comments = 0
  let ended = false
  const decoder = createDecoder({
    onEvent: (event) => events.push({ ...event, atMs: performance.now() }),
    onComment: () => (comments += 1),
  })
  const isGzip = response.headers['content-encoding'] === 'gzip'
  const body = isGzip
    ? response.pipe(createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }))
    : response
  body.on('data', (chunk: Buffer) => {
    decoder.push(chunk)
    notifyWatchers()
  })
  body.on('error', () => undefined)
  response.on('error', () => undefined)
  response.once('close', () => {
    ended = true
    notifyWatchers()
  })

  return {
    isGzip,
    headersMs: openedAtMs - startedAtMs,
    openedAtMs,
    events,
    comments: () => comments,
    event: (matches, timeoutMs) => watch(() => events.find(matches), timeoutMs),
    endsWithin: async (timeoutMs) => (await watch(() => ended || undefined, timeoutMs)) ?? false,
    close: () => request.destroy(),
  }

  function notifyWatchers(): void {
    for (const look of watchers) look()
  }

  /** Resolves with the first result of `find` that is not undefined. Undefined after the timeout or the end. */
  function watch<T>(find: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish(undefined), timeoutMs)
      watchers.add(look)
      look()

      function look(): void {
        const found = find()
        if (found !== undefined || ended) finish(found)
      }
      function finish(found: T | undefined): void {
        clearTimeout(timer)
        watchers.delete(look)
        resolve(found)
      }
    })
  }
}
