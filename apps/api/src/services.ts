/** The parts that routes share, created once per server. */
import { createHub, type EventLog, type Hub } from '@downlink/hub'
import type { Clock } from '@downlink/protocol'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { createAdmission, type Admission } from './operations/limits/admission.ts'
import { createDemoFaults, type DemoFaults } from './operations/demo-faults/faults.ts'
import { createMetrics, type Metrics } from './operations/metrics.ts'
import type { ServedStream, StreamEntry } from './streams/stream-entry.ts'

export interface Services {
  readonly config: Config
  readonly hub: Hub
  /** In the order of the table. */
  readonly streams: readonly { readonly entry: StreamEntry; readonly served: ServedStream }[]
  readonly admission: Admission
  readonly metrics: Metrics
  /** Undefined unless DEMO_FAULTS is set. */
  readonly faults: DemoFaults | undefined
  readonly log: Logger
  readonly clock: Clock
}

export interface ServiceParts {
  readonly config: Config
  readonly eventLog: EventLog
  readonly log: Logger
  readonly droppedLogLines: () => number
  readonly clock: Clock
  readonly streams: readonly StreamEntry[]
  /** Closes the server and starts it again. */
  readonly restart: () => void
}

export function createServices(parts: ServiceParts): Services {
  const { config, log, clock } = parts
  const onError = (error: unknown, topic?: string) =>
    log.error({ err: error, topic }, 'a source or the event log failed')
  const hub = createHub({
    heartbeatMs: config.HEARTBEAT_MS,
    maxLifetimeMs: config.MAX_STREAM_AGE_MS,
    maxQueuedBytes: config.MAX_QUEUED_BYTES,
    log: parts.eventLog,
    onError,
  })
  const streams = parts.streams.map((entry) => ({
    entry,
    served: entry.serve({ hub, clock, onError }, config.ofStreams),
  }))
  const served = streams.map((stream) => stream.served)
  const admission = createAdmission({
    maxStreams: config.MAX_STREAMS,
    maxStreamsPerAddress: config.MAX_STREAMS_PER_ADDRESS,
    refusals: served.flatMap(({ refusals = [] }) => refusals),
  })
  const metrics = createMetrics({
    hub,
    admission,
    droppedLogLines: parts.droppedLogLines,
    gauges: served.flatMap(({ gauges = [] }) => gauges),
  })
  const faults = config.DEMO_FAULTS
    ? createDemoFaults({
        clock,
        publishOne: () => Promise.all(served.flatMap((stream) => stream.publishOne?.() ?? [])),
        restart: parts.restart,
        onError: (error) => log.error({ err: error }, 'a demo fault failed'),
      })
    : undefined
  return { config, hub, streams, admission, metrics, faults, log, clock }
}
