/** Metrics for Prometheus: the hub's counters and the event loop's delay, read at each scrape. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Hub } from '@downlink/hub'
import { Counter, Gauge, Registry } from 'prom-client'
import type { Admission } from './limits/admission.ts'
import type { Gauge as GaugeSpec } from '../streams/stream-entry.ts'

export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  /** Counts a connection beyond MAX_CONNECTIONS. */
  readonly countRefusedConnection: () => void
  close(): void
}

const NANOSECONDS = 1e9
const LOOP_RESOLUTION_MS = 20
const LOOP_QUANTILES = [0.5, 0.99]

export interface MetricsOptions {
  readonly hub: Hub
  readonly admission: Admission
  readonly droppedLogLines: () => number
  /** Values of single streams. */
  readonly gauges: readonly GaugeSpec[]
}

export function createMetrics({
  hub,
  admission,
  droppedLogLines,
  gauges,
}: MetricsOptions): Metrics {
  const registry = new Registry()
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
  loop.enable()

  gauge('sse_connections', 'Open streams.', () => admission.open)
  gauge('sse_queued_bytes', 'Bytes buffered for open streams.', () => hub.counters().queuedBytes)
  for (const { name, help, read } of gauges) gauge(name, help, read)
  counter('sse_events_total', 'Events published.', () => hub.counters().events)
  counter('sse_deliveries_total', 'Events delivered to streams.', () => hub.counters().deliveries)
  counter('sse_replayed_total', 'Events replayed from the log.', () => hub.counters().replayed)
  counter('sse_dropped_total', 'Events dropped for slow subscribers.', () => hub.counters().dropped)
  counter('sse_writes_total', 'Writes to sockets.', () => hub.counters().writes)
  counter(
    'log_lines_dropped_total',
    'Log lines dropped because the output was blocked.',
    droppedLogLines,
  )
  labelled('sse_refused_total', 'Refused streams, by reason.', 'reason', () => admission.refused)
  labelled(
    'sse_disconnects_total',
    'Ended streams, by reason.',
    'reason',
    () => hub.counters().left,
  )
  labelled(
    'sse_resumes_total',
    'Opened streams, by resume outcome.',
    'outcome',
    () => hub.counters().resumes,
  )
  new Gauge({
    name: 'event_loop_delay_seconds',
    help: 'Delay of timers since the previous scrape.',
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      for (const quantile of LOOP_QUANTILES) {
        // The histogram records the time between samples. The excess over the resolution is the delay.
        const seconds = loop.percentile(quantile * 100) / NANOSECONDS - LOOP_RESOLUTION_MS / 1_000
        this.set({ quantile }, Math.max(0, seconds))
      }
      loop.reset()
    },
  })

  const refusedConnections = new Counter({
    name: 'connections_refused_total',
    help: 'Connections closed at once because too many were open.',
    registers: [registry],
  })

  return {
    countRefusedConnection: () => refusedConnections.inc(),
    contentType: registry.contentType,
    text: () => registry.metrics(),
    close: () => loop.disable(),
  }

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  }

  /** The value is counted elsewhere, so each scrape replaces it. */
  function counter(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }

  function labelled(
    name: string,
    help: string,
    label: string,
    read: () => Readonly<Record<string, number>>,
  ): void {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset()
        for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count)
      },
    })
  }
}
