/** What Prometheus reads: the hub's counters and the event loop's delay, as they are when asked. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Hub } from '@downlink/hub'
import { Counter, Gauge, Registry } from 'prom-client'
import type { Admission } from './admission.ts'
import type { TrainingRuns } from '../streams/training/runs.ts'

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

export interface Measured {
  readonly hub: Hub
  readonly runs: TrainingRuns
  readonly admission: Admission
  readonly droppedLogLines: () => number
}

export function createMetrics({ hub, runs, admission, droppedLogLines }: Measured): Metrics {
  const registry = new Registry()
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
  loop.enable()

  gauge('sse_connections', 'Open streams.', () => admission.open)
  gauge('sse_queued_bytes', 'Bytes buffered for open streams.', () => hub.counters().queuedBytes)
  gauge('training_runs', 'Training runs that are running.', () => runs.running)
  counter('sse_events_total', 'Events published.', () => hub.counters().events)
  counter('sse_deliveries_total', 'Events handed to streams.', () => hub.counters().deliveries)
  counter('sse_replayed_total', 'Events read back for a stream.', () => hub.counters().replayed)
  counter('sse_dropped_total', 'Events left out for slow readers.', () => hub.counters().dropped)
  counter('sse_writes_total', 'Writes to sockets.', () => hub.counters().writes)
  counter('log_lines_dropped_total', 'Log lines dropped: output was blocked.', droppedLogLines)
  labelled(
    'sse_refused_total',
    'Streams turned away, by reason.',
    'reason',
    () => admission.refused,
  )
  labelled(
    'sse_disconnects_total',
    'Streams that ended, by reason.',
    'reason',
    () => hub.counters().left,
  )
  labelled(
    'sse_resumes_total',
    'Streams that began, by what became of their last event id.',
    'outcome',
    () => hub.counters().resumes,
  )
  new Gauge({
    name: 'event_loop_delay_seconds',
    help: 'How late timers ran since this was last asked.',
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      for (const quantile of LOOP_QUANTILES) {
        // The histogram counts from sample to sample: what is beyond the interval asked for is the delay.
        const seconds = loop.percentile(quantile * 100) / NANOSECONDS - LOOP_RESOLUTION_MS / 1_000
        this.set({ quantile }, Math.max(0, seconds))
      }
      loop.reset()
    },
  })

  const refusedConnections = new Counter({
    name: 'connections_refused_total',
    help: 'Connections closed at once: too many were open.',
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

  /** The counting is done elsewhere: what is read replaces what was here. */
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
