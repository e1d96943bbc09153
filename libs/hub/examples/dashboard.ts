// Several topics on one connection, and a shutdown after which the clients do not reconnect all at once.
import { createServer } from 'node:http'
import { createHub, createMemoryLog, type TopicRequest } from '@downlink/hub'
import { createNodeSink } from '@downlink/hub/node'
import { instance } from '@downlink/protocol'
import { stocks, training } from '@downlink/protocol/streams'

export const run = instance(training, 'run-1')
export const hub = createHub({
  log: createMemoryLog({ maxEvents: 50_000, maxAgeMs: 30 * 60_000 }),
  onError: (error, topic) => console.error(topic, error),
})

const topics: readonly TopicRequest[] = [
  // A new subscriber gets the newest price of each symbol at once, and the run from its first step.
  { stream: stocks, start: 'latest' },
  { stream: run, start: 'history' },
]

export const server = createServer((req, res) => {
  const lastEventId = req.headers['last-event-id']?.toString()
  const sink = createNodeSink(res)
  const subscription = hub.subscribe({ sink, topics, lastEventId, format: 'multiplexed' })
  void subscription.left.then((reason) => {
    const { events, bytes } = subscription.progress()
    log.push(`left: ${reason} after ${events} events, ${bytes} bytes`)
  })
}).listen(Number(process.env.PORT ?? 8080))

/** Replace it with a logger. */
export const log: string[] = []

export async function shutDown(): Promise<void> {
  server.close()
  // Ends the streams over 10 seconds, and destroys those that are still open after 12.
  await hub.close({ spreadMs: 10_000, graceMs: 12_000 })
}
process.once('SIGTERM', () => void shutDown())
