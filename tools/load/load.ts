/**
 * Opens many connections to one stream and counts what arrives. Every event's data is to begin with
 * a stamp, `#<n> <ns> `: its number, dense from 0, and when it was sent on the monotonic clock.
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
  /** How many connections are opened at once. Default 200. */
  readonly openAtOnce?: number
  /**
   * Every how many connections one is read in full, for order and latency; of all the others only
   * the stamps are counted, at the speed of a search for one byte. Default 50; 1 reads all.
   */
  readonly readEvery?: number
}

export interface LoadReport {
  /** Connections that are open. */
  readonly open: number
  /** Connections that the server closed or that failed. */
  readonly closed: number
  /** Events that arrived on all connections. */
  readonly events: number
  /** Of those read in full: events that came twice, late or after a hole. */
  readonly outOfOrder: number
  /** Of those read in full, in milliseconds. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

export interface Load {
  /** Resolves once every connection has its first bytes. */
  readonly opened: Promise<void>
  /** Resolves once this many events have arrived, or after the time with what has. */
  counted(events: number, timeoutMs: number): Promise<LoadReport>
  report(): LoadReport
  /** Forgets what was counted; connections stay. */
  reset(): void
  close(): void
}

/** `#`: the byte that opens a stamp and that no other part of a stream may hold. */
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
  let begun = 0
  let greeted = 0
  let closed = 0
  let events = 0
  let outOfOrder = 0
  let onProgress: () => void = () => undefined

  const opened = new Promise<void>((resolve, reject) => {
    for (let i = 0; i < Math.min(openAtOnce, connections); i++) openNext()

    function openNext(): void {
      if (begun === connections) return
      const reader = begun++ % readEvery === 0 ? { text: '', expected: undefined } : undefined
      if (reader) readers.push(reader)
      const socket = connect({ port, host, noDelay: true })
      sockets.add(socket)
      socket.write(request)
      if (stalled) socket.pause().once('connect', greet)
      else {
        socket.once('data', greet)
        socket.on('data', (chunk) => {
          if (reader) read(reader, chunk)
          else count(chunk)
          onProgress()
        })
      }
      socket.on('error', (error) => {
        if (greeted < connections) reject(error)
      })
      socket.on('close', () => {
        sockets.delete(socket)
        closed += 1
        if (greeted < connections) reject(new Error('The server closed a connection at once.'))
      })
    }

    function greet(): void {
      greeted += 1
      openNext()
      if (greeted === connections) resolve()
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
    // A stamp may come in two pieces.
    const begun = reader.text.indexOf('#', end)
    reader.text = begun === -1 ? '' : reader.text.slice(begun)
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

/** Data that a load can count: a stamp, then padding up to a length. */
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
