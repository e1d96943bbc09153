/** Requests a URL every 10 ms in its own process until the parent sends `stop`, then sends the latencies in ms. */
import { createHistogram } from 'node:perf_hooks'

export interface Probed {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

const EVERY_MS = 10

const [url = ''] = process.argv.slice(2)
const latency = createHistogram()
const state = { stopped: false }
process.on('message', () => (state.stopped = true))

while (!state.stopped) {
  const requestedAtMs = performance.now()
  await (await fetch(url)).arrayBuffer()
  latency.record(Math.max(1, Math.round((performance.now() - requestedAtMs) * 1_000)))
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
}
const probed: Probed = {
  count: latency.count,
  p50: latency.percentile(50) / 1_000,
  p99: latency.percentile(99) / 1_000,
  max: latency.max / 1_000,
}
process.send?.(probed, () => process.disconnect())
