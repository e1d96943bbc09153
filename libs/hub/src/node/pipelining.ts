/**
 * At most one event stream per HTTP/1.1 connection. node:http calls the handler of a pipelined request at once, so one
 * connection could open streams without limit. Pausing the socket instead would hide the client's disconnect.
 */
import type { IncomingMessage, RequestListener } from 'node:http'
import type { Socket } from 'node:net'

/** How many requests may wait for the response before them on one connection; one more closes the connection. */
const MAX_WAITING = 100

/** The sockets that carry a stream, or on which one waits for the response before it. */
const streaming = new WeakSet<Socket>()
/** How many requests wait for the response before them. */
const waiting = new WeakMap<Socket, number>()

/**
 * Wraps a request handler so that pipelined requests are handled one after the other. A request that arrives while an
 * event stream uses its connection, or waits to, is never handled and closes the connection with the stream. So does the
 * 101st request that waits.
 *
 * Without it `createNodeSink` still opens at most one stream per connection, but the handler does its other work for
 * every pipelined request.
 */
export function serializeRequests(handle: RequestListener): RequestListener {
  return (req, res) => {
    const { socket } = req
    const ahead = waiting.get(socket) ?? 0
    if (streaming.has(socket) || ahead === MAX_WAITING) {
      socket.destroy()
      return
    }
    // A response gets its socket when those before it have ended.
    if (res.socket) {
      handle(req, res)
      return
    }
    waiting.set(socket, ahead + 1)
    res.once('socket', () => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1)
      // Not in this turn: node:http still flushes the response.
      process.nextTick(handle, req, res)
    })
  }
}

/** Marks a socket as used by a stream. If another request uses it, too, closes the connection and returns false. */
export function holdSocket({ socket }: IncomingMessage): boolean {
  if (streaming.has(socket) || (waiting.get(socket) ?? 0) > 0) {
    socket.destroy()
    return false
  }
  streaming.add(socket)
  return true
}

export function releaseSocket({ socket }: IncomingMessage): void {
  streaming.delete(socket)
}
