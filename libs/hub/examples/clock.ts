// One topic on the plain format: any EventSource, and `curl -N localhost:8080`, can read it.
import { createServer } from 'node:http'
import { createHub } from '@downlink/hub'
import { createNodeSink } from '@downlink/hub/node'
import { time } from '@downlink/protocol/streams'

export const hub = createHub()

// Runs once, while the topic has subscribers.
hub.source(time, ({ publish, signal }) => {
  const tell = () => publish('message', `The time is ${new Date().toTimeString().slice(0, 8)}`)
  tell()
  const timer = setInterval(tell, 1_000)
  signal.addEventListener('abort', () => clearInterval(timer))
})

export const server = createServer((req, res) => {
  hub.subscribe({
    sink: createNodeSink(res),
    topics: [{ stream: time }],
    lastEventId: req.headers['last-event-id']?.toString(),
  })
}).listen(Number(process.env.PORT ?? 8080))
