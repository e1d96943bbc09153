/** Koa as in its guides: one PassThrough per response as its body. */
import { PassThrough } from 'node:stream'
import Koa from 'koa'

/** @type {import('./peer.ts').StartPeer} */
export const start = () => {
  const streams = new Set()
  let id = 0
  const app = new Koa()
  app.on('error', () => undefined)
  app.use((ctx) => {
    const stream = new PassThrough()
    ctx.set('Content-Type', 'text/event-stream')
    ctx.set('Cache-Control', 'no-cache')
    ctx.body = stream
    stream.write(': open\n\n')
    streams.add(stream)
    ctx.res.on('close', () => streams.delete(stream))
  })
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', 20_000, () => {
      resolve({
        port: server.address().port,
        publish(data) {
          for (const one of data) {
            const text = `id: e-${++id}\ndata: ${one}\n\n`
            for (const stream of streams) stream.write(text)
          }
        },
      })
    })
  })
}
