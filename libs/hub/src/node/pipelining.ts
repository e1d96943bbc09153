/**
 * At most one event stream per HTTP/1.1 connection. node:http runs the handler of a pipelined request at once, so one
 * connection could open streams without limit. Pausing the socket instead would hide the client's disconnect.
 */
import type { IncomingMessage, RequestListener } from 'node:http'
import type { Socket } from 'node:net'

/** Requests that may wait for the response before them on one connection; one more ends the connection. */
const MAX_WAITING = 100

/** The sockets on which a stream is open, or waits for the response before it. */
const streaming = new WeakSet<Socket>()
/** How many requests wait for their turn. */
const waiting = new WeakMap<Socket, number>()

/**
 * Wraps a request handler so that pipelined requests are handled one after the other. A request that arrives while an
 * event stream uses its connection, or before that stream opens, is never handled and ends the connection, the
 * stream included. So does the 101st request that waits.
 *
 * Without it `createNodeSink` still opens at most one stream per connection, but a handler does its other work for
 * every pipelined request.
 */
export function inTurn(handle: RequestListener): RequestListener {
  return (req, res) => {
    const { socket } = req
    const ahead = waiting.get(socket) ?? 0
    if (streaming.has(socket) || ahead === MAX_WAITING) {
      socket.destroy()
      return
    }
    // A response has its socket once those before it have ended.
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

/** Marks a socket as used by a stream; ends the connection and returns false if another request uses it, too. */
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
