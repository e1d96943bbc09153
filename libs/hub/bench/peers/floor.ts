/** The lower bound: one shared buffer per tick, written to raw sockets. Without queue limits, disconnects or ids. */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { StartPeer } from './peer.ts'

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n'

export const start: StartPeer = () => {
  const sockets: Socket[] = []
  let id = 0
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => {
      socket.write(HEAD)
      sockets.push(socket)
    })
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', 20_000, () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        publish(data) {
          const text = data.map((one) => `id: e-${++id}\ndata: ${one}\n\n`).join('')
          const bytes = Buffer.from(text)
          for (const socket of sockets) socket.write(bytes)
        },
      })
    })
  })
}
