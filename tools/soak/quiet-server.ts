/**
 * A hub whose topics are quiet until the soak publishes: `/<topic>` with heartbeats, `/<topic>?heartbeat=off` without,
 * and `/<topic>?headers=bare` without the headers that keep proxies from holding events back.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHub, createNodeSink, EVENT_STREAM_HEADERS } from '@downlink/hub'
import { defineStream, text } from '@downlink/protocol'

export interface QuietServer {
  readonly port: number
  publish(topic: string): Promise<void>
  /** Open streams of a topic, with and without heartbeats. */
  viewers(topic: string): number
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
  const beating = createHub()
  const silent = createHub({ heartbeatMs: NEVER_MS })
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const hub = searchParams.get('heartbeat') === 'off' ? silent : beating
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
      await beating.publish(quiet(topic), 'tick', 'after the silence')
    },
    viewers: (topic) => beating.viewers(quiet(topic)) + silent.viewers(quiet(topic)),
    async close() {
      await Promise.all([beating.close(), silent.close()])
      server.close()
    },
  }
}

function quiet(topic: string) {
  return defineStream({ topic, events: { tick: text(word) }, overflow: 'disconnect' })
}
