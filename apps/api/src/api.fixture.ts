/** A real API on a free port for a test, with a clock moved by hand; ended when the test has finished. */
import { Agent, request, type IncomingHttpHeaders, type RequestOptions } from 'node:http'
import { createDecoder, type DecodedEvent } from '@downlink/protocol/sse'
import { pino } from 'pino'
import { onTestFinished, vi } from 'vitest'
import { createManualClock, type ManualClock } from './clock.fixture.ts'
import { startServer, type RunningServer, type ServerParts } from './server.ts'

export interface Api {
  readonly server: RunningServer
  readonly url: string
  readonly port: number
  readonly clock: ManualClock
  /** Lines of the log since the start, parsed. */
  readonly logged: Record<string, unknown>[]
  /** How often the machine's state was read. */
  readonly readings: () => number
  /** Sends a request and reads the whole answer. */
  readonly send: (path: string, options?: RequestOptions, body?: string | Buffer) => Promise<Answer>
  /** Opens a stream and reads on. */
  readonly open: (path: string, headers?: Record<string, string>) => Promise<Reader>
  /** Resolves when nobody subscribes to anything, and every source has stopped. */
  readonly quiet: () => Promise<void>
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Reader {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly events: readonly DecodedEvent[]
  readonly comments: readonly string[]
  readonly retries: readonly number[]
  /** Resolves with all events as soon as there are `count`. */
  readonly until: (count: number) => Promise<readonly DecodedEvent[]>
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>
  readonly close: () => void
}

export async function startApi(
  env: Record<string, string> = {},
  parts: ServerParts = {},
): Promise<Api> {
  const clock = createManualClock()
  const logged: Record<string, unknown>[] = []
  const log = pino(
    { level: 'debug' },
    { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
  )
  let readings = 0
  const readSystem = () => {
    readings += 1
    return Promise.resolve({ cpuPercent: 50, totalBytes: 2 ** 30, availableBytes: 2 ** 29 })
  }
  const server = await startServer({ PORT: '0', ...env }, { clock, log, readSystem, ...parts })
  logged.length = 0
  // A socket for each request, so that none outlives its test.
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity })
  const readers = new Set<Reader>()
  onTestFinished(async () => {
    for (const reader of readers) reader.close()
    await server.close(0)
    agent.destroy()
  })
  const url = server.url.replace('localhost', '127.0.0.1')

  return {
    server,
    url,
    port: Number(new URL(url).port),
    clock,
    logged,
    readings: () => readings,
    send: (path, options = {}, body = '') => send(url + path, { agent, ...options }, body),
    async open(path, headers = {}) {
      const reader = await open(url + path, { agent, headers })
      readers.add(reader)
      return reader
    },
    quiet: () =>
      vi.waitFor(
        () => {
          if (server.services.hub.counters().subscribers > 0) throw new Error('still watched')
          if (clock.sleepers > 0) throw new Error('a source is still running')
        },
        { timeout: 5_000, interval: 2 },
      ),
  }
}

function send(url: string, options: RequestOptions, body: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request(url, options, (res) => {
      let text = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => (text += chunk))
      res.on('error', reject)
      res.on('end', () =>
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text }),
      )
    })
    req.on('error', reject)
    req.end(body)
  })
}

function open(url: string, options: RequestOptions): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const events: DecodedEvent[] = []
    const comments: string[] = []
    const retries: number[] = []
    const waiting = new Set<() => void>()
    const decoder = createDecoder({
      onEvent: (event) => void events.push(event),
      onComment: (text) => void comments.push(text),
      onRetry: (ms) => void retries.push(ms),
    })
    const req = request(url, options, (res) => {
      res.on('data', (chunk: Buffer) => {
        decoder.push(chunk)
        for (const check of waiting) check()
      })
      // Cut from our side or theirs: `ended` is what tells.
      res.on('error', () => undefined)
      const ended = new Promise<void>((done) => res.on('close', done))
      resolve({
        status: res.statusCode ?? 0,
        headers: res.headers,
        events,
        comments,
        retries,
        ended,
        close: () => void req.destroy(),
        until: (count) =>
          new Promise((enough) => {
            const check = () => {
              if (events.length < count) return
              waiting.delete(check)
              enough(events)
            }
            waiting.add(check)
            check()
          }),
      })
    })
    req.on('error', reject)
    req.end()
  })
}
