/** This package as an API uses it: a contract, the event log, a node:http server. `BENCH_WINDOW_MS` sets `maxWindowMs`, and `BENCH_RAW=0` turns `rawSocket` off. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defineStream, text } from '@downlink/protocol'
import { createHub } from '@downlink/hub'
import { createNodeSink } from '@downlink/hub/node'
import type { StartPeer } from './peer.ts'

const anyText: StandardSchemaV1<string> = {
  '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value: value as string }) },
}

export const start: StartPeer = () => {
  const ticks = defineStream({
    topic: 'ticks',
    events: { message: text(anyText) },
    overflow: 'disconnect',
  })
  const hub = createHub({
    maxWindowMs: Number(process.env.BENCH_WINDOW_MS ?? 0),
    heartbeatMs: 3_600_000,
  })
  const rawSocket = process.env.BENCH_RAW !== '0'
  const server = createServer((_, res) => {
    hub.subscribe({ sink: createNodeSink(res, { rawSocket }), topics: [{ stream: ticks }] })
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', 20_000, () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        publish(data) {
          for (const one of data) void hub.publish(ticks, 'message', one)
        },
        facts() {
          const { writes, deliveries, left, subscribers } = hub.counters()
          return { writes, deliveries, tooSlow: left['too-slow'], subscribers }
        },
      })
    })
  })
}
