/** A sink over a Node response, of HTTP/1.1 or HTTP/2. */
import { ServerResponse } from 'node:http'
import { constants, type Http2ServerResponse } from 'node:http2'
import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { holdSocket, releaseSocket } from './pipelining.ts'
import type { Sink } from '../delivery/sink.ts'

export interface NodeSinkOptions {
  /** The status of a head that is not sent yet. Default 200. */
  readonly status?: number
  /**
   * Writes ready-made chunks to the socket instead of calling `res.write`, where the response is
   * node:http's own over HTTP/1.1 with chunked coding. Default true; false always calls `res.write`.
   */
  readonly rawSocket?: boolean
}

/** The headers of every event stream; further ones come from `res.setHeader` before. */
export const EVENT_STREAM_HEADERS = Object.freeze({
  'Content-Type': 'text/event-stream',
  // Compressing middleware and proxies hold events back; `no-transform` asks them not to.
  'Cache-Control': 'no-cache, no-transform',
  // nginx buffers a response unless it is told not to.
  'X-Accel-Buffering': 'no',
})

/** A peer that vanishes without a word is noticed by TCP after this pause and its ten probes. */
const KEEP_ALIVE_PROBE_MS = 5_000
const { NGHTTP2_CANCEL } = constants

/**
 * Sends the head at once when the subscription begins, unless it has been sent already. The response
 * is the sink's from then on: `end` and `destroy` end it.
 *
 * An HTTP/1.1 connection carries one stream at a time: a further stream on it ends the connection (`inTurn`
 * does so for any further request).
 */
export function createNodeSink(
  res: ServerResponse | Http2ServerResponse,
  options: NodeSinkOptions = {},
): Sink {
  /** The socket where chunks are written past the response. */
  let raw: Socket | undefined
  let isClosed = false

  return {
    get bufferedBytes() {
      // A kept-alive socket may hold the next response by then.
      if (isClosed) return 0
      // A response of HTTP/2 has no `writableLength` of its own.
      return (
        raw?.writableLength ?? (res instanceof ServerResponse ? res : res.stream).writableLength
      )
    },
    open(listener) {
      const onDrain = (): void => listener.onDrain()
      const req = res instanceof ServerResponse ? res.req : undefined
      if (isOver(res) || (req && !holdSocket(req))) {
        listener.onClose()
        return
      }
      sendHead(res, options.status ?? 200)
      raw = options.rawSocket === false ? undefined : rawSocketOf(res)
      const drained: NodeJS.EventEmitter = raw ?? res
      drained.on('drain', onDrain)
      // A write after the peer's reset fails with an error, which 'close' follows.
      res.on('error', ignore)
      const onClose = (): void => {
        if (isClosed) return
        isClosed = true
        // A kept-alive socket outlives the response.
        drained.off('drain', onDrain)
        if (req) releaseSocket(req)
        listener.onClose()
      }
      res.on('close', onClose)
      // A pipelined response waits for its turn at the socket, and hears nothing if that never comes.
      if (!res.socket) req?.on('close', onClose)
    },
    write({ bytes, chunk }) {
      if (!raw) return res instanceof ServerResponse ? res.write(bytes) : res.write(bytes)
      // The peer has ended its side, and node:http with it ours: 'close' is about to come.
      if (!raw.writable) return false
      return raw.write(chunk) || raw.writableLength === 0
    },
    end(letGo) {
      const { socket } = res
      res.end()
      if (!letGo) return
      if (res instanceof ServerResponse) {
        // Ending alone leaves a kept-alive socket open for seconds, to which the client may return.
        socket?.destroySoon()
      } else res.stream.session?.close()
    },
    destroy() {
      if (res instanceof ServerResponse) reset(res)
      else res.stream.close(NGHTTP2_CANCEL)
    },
  }
}

/** Whether the peer has gone or the answer was given: no 'close' is to come that could tell. */
function isOver(res: ServerResponse | Http2ServerResponse): boolean {
  // A response of HTTP/2 has no `destroyed` of its own.
  const { destroyed } = res instanceof ServerResponse ? res : res.stream
  return destroyed || res.writableEnded
}

function sendHead(res: ServerResponse | Http2ServerResponse, status: number): void {
  if (!(res instanceof ServerResponse)) {
    if (!res.headersSent) res.writeHead(status, EVENT_STREAM_HEADERS)
    return
  }
  // Not `setHeader`, which keeps the headers in memory for as long as the connection lasts.
  if (!res.headersSent) res.writeHead(status, EVENT_STREAM_HEADERS)
  res.flushHeaders()
  res.socket?.setTimeout(0)
  res.socket?.setNoDelay(true)
  res.socket?.setKeepAlive(true, KEEP_ALIVE_PROBE_MS)
}

/**
 * The socket, where writing a chunk to it means the same as `res.write`; undefined falls back to that.
 * Chunks made once spare a fifth of the CPU time at 100 connections and a tenth at 1,000: docs/performance.md.
 */
function rawSocketOf(res: ServerResponse | Http2ServerResponse): Socket | undefined {
  if (!(res instanceof ServerResponse)) return undefined
  // Middleware that wraps a response, to compress it for one, replaces these.
  const { prototype } = ServerResponse
  const ours = isSame(res, prototype, 'write') && isSame(res, prototype, 'end')
  // HTTP/1.0 has no chunks, HEAD no body, and a pipelined response not yet its socket.
  if (!ours || !res.chunkedEncoding || res.req.method === 'HEAD' || !res.socket) return undefined
  // Since Node 21 a corked response holds its chunks itself: they have to come first.
  return res.writableLength === 0 ? res.socket : undefined
}

function isSame<T>(a: T, b: T, method: keyof T): boolean {
  return a[method] === b[method]
}

function ignore(): void {
  // See where it is used.
}

/**
 * A reset has the kernel forget what it still holds for the peer, up to megabytes, which it would otherwise go
 * on offering for minutes. Only TCP itself can be reset.
 */
function reset(res: ServerResponse): void {
  const { socket } = res
  const isTcp = socket instanceof Socket && socket.remoteAddress !== undefined
  if (isTcp && !(socket instanceof TLSSocket)) socket.resetAndDestroy()
  else res.destroy()
}
