/** One event stream, read as a client reads it, with the time of everything that arrives. */
import { get, type ClientRequest, type IncomingMessage } from 'node:http'
import { constants, createGunzip } from 'node:zlib'
import { createDecoder, type DecodedEvent } from '@downlink/protocol/sse'

export interface StreamOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** The address that the client connects from. */
  readonly localAddress?: string
  /** How long the headers may take, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number
}

export interface ReceivedEvent extends DecodedEvent {
  /** On the clock of `performance.now()`. */
  readonly atMs: number
}

export interface OpenStream {
  readonly isGzip: boolean
  /** From the request to the headers. */
  readonly headersMs: number
  /** On the clock of `performance.now()`. */
  readonly openedAtMs: number
  readonly events: readonly ReceivedEvent[]
  /** How many comments arrived. */
  readonly comments: () => number
  /** The first event that matches, arrived already or to come; undefined after the time or at the end. */
  event(
    matches: (event: ReceivedEvent) => boolean,
    timeoutMs: number,
  ): Promise<ReceivedEvent | undefined>
  /** Resolves with whether the stream has ended within the time. */
  endsWithin(timeoutMs: number): Promise<boolean>
  /** Closes the connection. */
  close(): void
}

const HEADERS_TIMEOUT_MS = 10_000

/** Resolves when the headers are there; rejects without them. */
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
    tellWatchers()
  })
  body.on('error', () => undefined)
  response.on('error', () => undefined)
  response.once('close', () => {
    ended = true
    tellWatchers()
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

  function tellWatchers(): void {
    for (const look of watchers) look()
  }

  /** What `find` returns, as soon as it does; undefined after the time or at the end. */
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
