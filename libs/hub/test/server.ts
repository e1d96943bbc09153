/** Real servers on port 0 whose every request subscribes, and the simplest of clients. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export async function serve(onRequest: (res: ServerResponse) => void): Promise<Server> {
  const server = createServer((_, res) => onRequest(res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return server
}

export function portOf(server: { address(): AddressInfo | string | null }): number {
  return (server.address() as AddressInfo).port
}

export interface RawClient {
  readonly socket: Socket
  /** What came so far, HTTP's own bytes included. */
  readonly text: string
  /** Resolves once the text holds this; rejects when the connection closes before. */
  until(part: string): Promise<string>
  readonly closed: Promise<void>
}

/** A connection whose bytes are looked at as they are. */
export function openRaw(port: number, request: string): RawClient {
  const socket = connect({ port, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  let text = ''
  let look: () => void = () => undefined
  socket.write(request)
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => {
    text += chunk.toString()
    look()
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return {
    socket,
    closed,
    until: (part) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (text.includes(part)) resolve(text)
        }
        look()
        void closed.then(() => reject(new Error(`Closed before ${part}, after: ${text}`)))
      }),
    get text() {
      return text
    },
  }
}
