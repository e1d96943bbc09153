/** ws: one WebSocket message per connection and event. */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

/** @type {import('./peer.ts').StartPeer} */
export const start = () => {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', 20_000, () => {
      resolve({
        port: server.address().port,
        publish(data) {
          for (const one of data) {
            for (const client of sockets.clients) client.send(one)
          }
        },
      })
    })
  })
}
