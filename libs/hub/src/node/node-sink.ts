/** A sink that writes to a Node response, of HTTP/1.1 or HTTP/2. */
import { ServerResponse } from 'node:http'
import { constants, type Http2ServerResponse } from 'node:http2'
import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { EVENT_STREAM_HEADERS } from '../delivery/headers.ts'
import type { Sink } from '../delivery/sink.ts'
import { toChunk } from './chunk.ts'
import { holdSocket, releaseSocket } from './pipelining.ts'

export interface NodeSinkOptions {
  /** The status of the response, unless its head has been sent. Default 200. */
  readonly status?: number
  /**
   * Writes chunks that are framed once for all sockets, instead of calling `res.write`, if the response is node:http's
   * own over HTTP/1.1 with chunked coding. Default true; false always calls `res.write`.
   */
  readonly rawSocket?: boolean
}

/** TCP detects a peer that has disappeared after this idle time and its ten probes. */
const KEEP_ALIVE_PROBE_MS = 5_000
const { NGHTTP2_CANCEL } = constants

/**
 * Sends the head with `EVENT_STREAM_HEADERS` when the subscription begins, unless it has been sent already; set further
 * headers with `res.setHeader` before. From then on the sink owns the response: `end` and `destroy` end it.
 *
 * An HTTP/1.1 connection carries one stream at a time: a second stream closes the connection. `serializeRequests` does
 * the same for any second request.
 */
export function createNodeSink(
  res: ServerResponse | Http2ServerResponse,
  options: NodeSinkOptions = {},
): Sink {
  /** The socket, if chunks are written to it directly. */
  let raw: Socket | undefined
  let isClosed = false

  return {
    get bufferedBytes() {
      // A kept-alive socket may carry the next response by now.
      if (isClosed) return 0
      // An HTTP/2 response has no `writableLength`.
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
      // A write after the peer's reset fails with an error, and 'close' follows.
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
      // A pipelined response gets its socket after the one before it, and no event if that never happens.
      if (!res.socket) req?.on('close', onClose)
    },
    write(bytes) {
      if (!raw) {
        // Middleware that wraps a response may require a Buffer.
        const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        return res instanceof ServerResponse ? res.write(buffer) : res.write(buffer)
      }
      // The peer has ended its side, and node:http ours with it: 'close' will follow.
      if (!raw.writable) return false
      return raw.write(toChunk(bytes)) || raw.writableLength === 0
    },
    end({ closeConnection = false } = {}) {
      const { socket } = res
      res.end()
      if (!closeConnection) return
      if (res instanceof ServerResponse) {
        // Otherwise a kept-alive socket stays open for seconds, and the client may use it again.
        socket?.destroySoon()
      } else res.stream.session?.close()
    },
    destroy() {
      if (res instanceof ServerResponse) reset(res)
      else res.stream.close(NGHTTP2_CANCEL)
    },
  }
}

/** Whether the peer has disconnected or the response has ended: then no 'close' will follow. */
function isOver(res: ServerResponse | Http2ServerResponse): boolean {
  // An HTTP/2 response has no `destroyed`.
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
 * The socket, if writing a chunk to it has the effect of `res.write`; undefined falls back to `res.write`.
 * Framing once saves a fifth of the CPU time at 100 connections and a tenth at 1,000: docs/performance.md.
 */
function rawSocketOf(res: ServerResponse | Http2ServerResponse): Socket | undefined {
  if (!(res instanceof ServerResponse)) return undefined
  // Middleware that wraps a response, for example to compress it, replaces these methods.
  const { prototype } = ServerResponse
  const isOriginal = isSame(res, prototype, 'write') && isSame(res, prototype, 'end')
  // HTTP/1.0 has no chunks, HEAD has no body, and a pipelined response does not have its socket yet.
  if (!isOriginal || !res.chunkedEncoding || res.req.method === 'HEAD' || !res.socket)
    return undefined
  // Since Node 21 a corked response holds its chunks itself: they have to come first.
  return res.writableLength === 0 ? res.socket : undefined
}

function isSame<T>(a: T, b: T, method: keyof T): boolean {
  return a[method] === b[method]
}

function ignore(): void {
  // See the comment where it is used.
}

/**
 * A reset makes the kernel discard what it buffers for the peer, up to megabytes, which it would otherwise resend for
 * minutes. Only plain TCP can be reset.
 */
function reset(res: ServerResponse): void {
  const { socket } = res
  const isTcp = socket instanceof Socket && socket.remoteAddress !== undefined
  if (isTcp && !(socket instanceof TLSSocket)) socket.resetAndDestroy()
  else res.destroy()
}
