/** node:http without optimizations: one `res.write` of a string per response and event. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { StartPeer } from './peer.ts'

export const start: StartPeer = () => {
  const responses = new Set<ServerResponse>()
  let id = 0
  const server = createServer((_, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' })
    res.write(': open\n\n')
    responses.add(res)
    res.on('close', () => responses.delete(res))
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', 20_000, () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        publish(data) {
          for (const one of data) {
            const text = `id: e-${++id}\ndata: ${one}\n\n`
            for (const res of responses) res.write(text)
          }
        },
      })
    })
  })
}
