/** better-sse: one session per connection, all in one channel. */
import { createServer } from 'node:http'
import { createChannel, createSession } from 'better-sse'

/** @type {import('./peer.ts').StartPeer} */
export const start = () => {
  const channel = createChannel()
  const server = createServer(async (req, res) => {
    channel.register(await createSession(req, res, { keepAlive: null }))
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', 20_000, () => {
      resolve({
        port: server.address().port,
        publish(data) {
          for (const one of data) channel.broadcast(one, 'message')
        },
      })
    })
  })
}
