/** What the routes share: made once for a server by `createServices`, and by tests with a clock of their own. */
import { createHub, createMemoryLog, type Hub } from '@downlink/hub'
import { stocks, systemStats, time } from '@downlink/protocol/streams'
import type { Logger } from 'pino'
import { createAdmission, type Admission } from './operations/admission.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { createDemoFaults, type DemoFaults } from './operations/demo-faults/faults.ts'
import { createMetrics, type Metrics } from './operations/metrics.ts'
import { createStockWalk } from './streams/stocks/walk.ts'
import { stocksSource } from './streams/stocks/source.ts'
import { systemStatsSource, type SystemReaders } from './streams/system-stats/source.ts'
import { timeSource } from './streams/time/source.ts'
import { createTrainingRuns, type TrainingRuns } from './streams/training/runs.ts'

export interface Services {
  readonly config: Config
  readonly hub: Hub
  readonly runs: TrainingRuns
  readonly admission: Admission
  readonly metrics: Metrics
  /** Only with DEMO_FAULTS. */
  readonly faults: DemoFaults | undefined
  readonly log: Logger
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export interface ServiceParts {
  readonly config: Config
  readonly log: Logger
  readonly droppedLogLines: () => number
  readonly clock: Clock
  readonly random: () => number
  readonly readSystem: SystemReaders
  /** Closes the server and starts it anew. */
  readonly restart: () => void
}

/** Events of one training run: a thousand steps and its end. */
const EVENTS_PER_RUN = 1001
/** Room in the log for the other topics: half an hour of all three, and more. */
const OTHER_EVENTS = 20_000
const LOG_MAX_AGE_MS = 30 * 60_000
const LOG_MAX_BYTES = 64 * 2 ** 20
/** Shorter than the log's, so that a run that is still listed can be replayed whole. */
const RUN_KEPT_MS = 20 * 60_000

export function createServices(parts: ServiceParts): Services {
  const { config, log, clock, random, readSystem } = parts
  const runsAtMost = config.MAX_TRAINING_RUNS + config.MAX_KEPT_TRAINING_RUNS
  const onSourceError = (error: unknown, topic?: string) =>
    log.error({ err: error, topic }, 'a source or the log failed')
  const hub = createHub({
    heartbeatMs: config.HEARTBEAT_MS,
    maxLifetimeMs: config.MAX_STREAM_AGE_MS,
    maxQueuedBytes: config.MAX_QUEUED_BYTES,
    log: createMemoryLog({
      maxEvents: runsAtMost * EVENTS_PER_RUN + OTHER_EVENTS,
      maxBytes: LOG_MAX_BYTES,
      maxAgeMs: LOG_MAX_AGE_MS,
    }),
    onError: onSourceError,
  })
  hub.source(time, timeSource(clock))
  hub.source(
    systemStats,
    systemStatsSource(clock, readSystem, (error) => onSourceError(error, systemStats.topic)),
  )
  const step = createStockWalk(random)
  hub.source(stocks, stocksSource(clock, random, step))
  const runs = createTrainingRuns({
    clock,
    stepMs: config.TRAINING_STEP_MS,
    maxRunning: config.MAX_TRAINING_RUNS,
    maxRunningPerAddress: config.MAX_TRAINING_RUNS_PER_ADDRESS,
    maxKept: config.MAX_KEPT_TRAINING_RUNS,
    keptMs: RUN_KEPT_MS,
    publish: (stream, event, data) => hub.publish(stream, event, data),
    onError: (error) => log.error({ err: error }, 'a training run failed'),
  })
  const admission = createAdmission({
    maxStreams: config.MAX_STREAMS,
    maxStreamsPerAddress: config.MAX_STREAMS_PER_ADDRESS,
  })
  const metrics = createMetrics({ hub, runs, admission, droppedLogLines: parts.droppedLogLines })
  const onError = (error: unknown) => log.error({ err: error }, 'a demo fault failed')
  const faults = config.DEMO_FAULTS
    ? createDemoFaults({ hub, clock, step, restart: parts.restart, onError })
    : undefined
  return { config, hub, runs, admission, metrics, faults, log, clock, random }
}
