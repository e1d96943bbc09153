/**
 * Opens many connections to one stream and counts the events. The data of each event must begin with a stamp
 * `#<n> <ns> `: the number of the event, counted from 0, and the monotonic time at which it was sent.
 */
import { connect, type Socket } from 'node:net'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

export interface LoadOptions {
  readonly port: number
  readonly host?: string
  readonly path: string
  readonly connections: number
  /** Opens WebSockets instead of event streams. Default false. */
  readonly webSocket?: boolean
  /** Opens connections that never read. Default false. */
  readonly stalled?: boolean
  /** How many connections are opened at the same time. Default 200. */
  readonly openAtOnce?: number
  /**
   * One in this many connections is parsed, to check the order and measure the latency. On the others, the load only
   * counts stamps by searching for one byte. Default 50; 1 parses all.
   */
  readonly readEvery?: number
}

export interface LoadReport {
  /** Connections that are open. */
  readonly open: number
  /** Connections that the server closed or that failed. */
  readonly closed: number
  /** Events that arrived, summed over all connections. */
  readonly events: number
  /** On the parsed connections: events that were duplicate, late, or followed a missing one. */
  readonly outOfOrder: number
  /** On the parsed connections. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

export interface Load {
  /** Resolves when every connection has received its first bytes. */
  readonly opened: Promise<void>
  /** Resolves when this many events have arrived, or after the timeout. */
  counted(events: number, timeoutMs: number): Promise<LoadReport>
  report(): LoadReport
  /** Resets the counts and keeps the connections. */
  reset(): void
  close(): void
}

/** `#`: the first byte of a stamp. The rest of the stream must not contain it. */
const STAMP = 0x23
const STAMPS = /#(\d+) (\d+) /g
const NS_PER_MS = 1e6

interface Reader {
  text: string
  expected: number | undefined
}

export function openLoad(options: LoadOptions): Load {
  const { port, host = '127.0.0.1', path, connections, webSocket = false } = options
  const { stalled = false, openAtOnce = 200, readEvery = 50 } = options
  const request = webSocket ? upgrade(host, path) : get(host, path)
  const sockets = new Set<Socket>()
  const readers: Reader[] = []
  let histogram: RecordableHistogram = createHistogram()
  let started = 0
  let answered = 0
  let closed = 0
  let events = 0
  let outOfOrder = 0
  let onProgress: () => void = () => undefined

  const opened = new Promise<void>((resolve, reject) => {
    for (let i = 0; i < Math.min(openAtOnce, connections); i++) openNext()

    function openNext(): void {
      if (started === connections) return
      const reader = started++ % readEvery === 0 ? { text: '', expected: undefined } : undefined
      if (reader) readers.push(reader)
      const socket = connect({ port, host, noDelay: true })
      sockets.add(socket)
      socket.write(request)
      if (stalled) socket.pause().once('connect', onAnswer)
      else {
        socket.once('data', onAnswer)
        socket.on('data', (chunk) => {
          if (reader) read(reader, chunk)
          else count(chunk)
          onProgress()
        })
      }
      socket.on('error', (error) => {
        if (answered < connections) reject(error)
      })
      socket.on('close', () => {
        sockets.delete(socket)
        closed += 1
        if (answered < connections) reject(new Error('The server closed a connection immediately.'))
      })
    }

    function onAnswer(): void {
      answered += 1
      openNext()
      if (answered === connections) resolve()
    }
  })

  return {
    opened,
    counted(expected, timeoutMs) {
      return new Promise((resolve) => {
        const timer = setTimeout(finish, timeoutMs)
        onProgress = () => {
          if (events >= expected) finish()
        }
        onProgress()

        function finish(): void {
          clearTimeout(timer)
          onProgress = () => undefined
          resolve(report())
        }
      })
    },
    report,
    reset() {
      events = 0
      outOfOrder = 0
      histogram = createHistogram()
      for (const reader of readers) reader.expected = undefined
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }

  function count(chunk: Buffer): void {
    for (let at = chunk.indexOf(STAMP); at !== -1; at = chunk.indexOf(STAMP, at + 1)) events += 1
  }

  function read(reader: Reader, chunk: Buffer): void {
    const nowNs = Number(process.hrtime.bigint())
    reader.text += chunk.toString('latin1')
    let end = 0
    for (const match of reader.text.matchAll(STAMPS)) {
      const n = Number(match[1])
      end = match.index + match[0].length
      events += 1
      if (reader.expected !== undefined && n !== reader.expected) outOfOrder += 1
      reader.expected = n + 1
      histogram.record(Math.max(1, nowNs - Number(match[2])))
    }
    // A stamp can be split between two chunks.
    const started = reader.text.indexOf('#', end)
    reader.text = started === -1 ? '' : reader.text.slice(started)
  }

  function report(): LoadReport {
    return {
      open: sockets.size,
      closed,
      events,
      outOfOrder,
      latencyMs: {
        p50: histogram.percentile(50) / NS_PER_MS,
        p99: histogram.percentile(99) / NS_PER_MS,
        max: histogram.max / NS_PER_MS,
      },
    }
  }
}

/** Creates data that a load can count: a stamp, padded to a length. */
export function stampedData(n: number, length: number): string {
  return `#${n} ${process.hrtime.bigint()} `.padEnd(length, 'x')
}

function get(host: string, path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n\r\n`
}

function upgrade(host: string, path: string): string {
  const key = Buffer.alloc(16, 'downlink').toString('base64')
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`
}
