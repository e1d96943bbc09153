/** Real servers on port 0, and a client that records the bytes of a connection. */
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
  /** Everything received so far, including the bytes of HTTP. */
  readonly text: string
  /** Resolves once the text contains `part`; rejects if the connection closes before. */
  until(part: string): Promise<string>
  readonly closed: Promise<void>
}

/** Opens a connection and sends a request unchanged. */
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
