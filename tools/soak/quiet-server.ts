/**
 * A server whose topics have no events until the soak publishes: `/<topic>` with heartbeats, `/<topic>?heartbeat=off`
 * without, and `/<topic>?headers=bare` without the headers that prevent buffering in proxies.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHub, EVENT_STREAM_HEADERS } from '@downlink/hub'
import { createNodeSink } from '@downlink/hub/node'
import { defineStream, text } from '@downlink/protocol'

export interface QuietServer {
  readonly port: number
  publish(topic: string): Promise<void>
  /** The number of open streams of a topic, with and without heartbeats. */
  subscriberCount(topic: string): number
  close(): Promise<void>
}

const NEVER_MS = 3_600_000
const word: StandardSchemaV1<string> = {
  '~standard': {
    version: 1,
    vendor: 'soak',
    validate: (value) =>
      typeof value === 'string' ? { value } : { issues: [{ message: 'expected a string' }] },
  },
}

export async function startQuietServer(): Promise<QuietServer> {
  const withHeartbeat = createHub()
  const withoutHeartbeat = createHub({ heartbeatMs: NEVER_MS })
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const hub = searchParams.get('heartbeat') === 'off' ? withoutHeartbeat : withHeartbeat
    if (searchParams.get('headers') === 'bare')
      response.writeHead(200, { 'Content-Type': EVENT_STREAM_HEADERS['Content-Type'] })
    hub.subscribe({
      sink: createNodeSink(response),
      topics: [{ stream: quiet(pathname.slice(1)) }],
      format: 'multiplexed',
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async publish(topic) {
      await withHeartbeat.publish(quiet(topic), 'tick', 'after the silence')
    },
    subscriberCount: (topic) =>
      withHeartbeat.subscriberCount(quiet(topic)) + withoutHeartbeat.subscriberCount(quiet(topic)),
    async close() {
      await Promise.all([withHeartbeat.close(), withoutHeartbeat.close()])
      server.close()
    },
  }
}

function quiet(topic: string) {
  return defineStream({ topic, events: { tick: text(word) }, overflow: 'disconnect' })
}
