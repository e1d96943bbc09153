/** hono on Node: `streamSSE`, with one `writeSSE` per connection and event. */
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'

/** @type {import('./peer.ts').StartPeer} */
export const start = () => {
  const streams = new Set()
  let id = 0
  const app = new Hono()
  app.get('/*', (c) =>
    streamSSE(c, async (stream) => {
      streams.add(stream)
      await stream.write(': open\n\n')
      await new Promise((resolve) => stream.onAbort(resolve))
      streams.delete(stream)
    }),
  )
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
      resolve({
        port,
        publish(data) {
          for (const one of data) {
            const event = { id: `e-${++id}`, data: one }
            for (const stream of streams) void stream.writeSSE(event)
          }
        },
      })
    })
  })
}
