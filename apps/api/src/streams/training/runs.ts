/** All training runs, with limits on running ones, in all and per client address, and on ended ones that are kept. */
import { parseEventId, type EventId } from '@downlink/protocol'
import type { Refusal } from '../../operations/limits/refusal.ts'
import {
  createTrainingRun,
  type RunLife,
  type TrainingRun,
  type TrainingRunOptions,
} from './run.ts'

export interface TrainingRuns {
  /** Starts a run for a client address, or returns the refusal for the limit that is reached. */
  start(life: RunLife, address: string): TrainingRun | Refusal
  /** What `start` can return instead of a run. */
  readonly refusals: readonly Refusal[]
  get(id: string): TrainingRun | undefined
  /** Newest first. */
  list(): readonly TrainingRun[]
  /**
   * The run that continues after an event. `over`: it was the run's last event, or the run was cancelled or is no longer
   * kept. Undefined: the id belongs to no run of this process.
   */
  after(lastEventId: string): TrainingRun | 'over' | undefined
  readonly running: number
  /** Ends all runs without an event. */
  close(): Promise<void>
}

export interface TrainingRunsOptions extends TrainingRunOptions {
  readonly maxRunning: number
  readonly maxRunningPerAddress: number
  /** Ended runs beyond this number are dropped, oldest end first. */
  readonly maxKept: number
  /** Ended runs are dropped after this time. Shorter than the log keeps their events. */
  readonly keptMs: number
}

const RETRY_MS = [5_000, 15_000] as const

export function createTrainingRuns(options: TrainingRunsOptions): TrainingRuns {
  const { clock, maxRunning, maxRunningPerAddress } = options
  const tooMany: Refusal = {
    reason: 'too-many-runs',
    detail: `${maxRunning} training runs are in progress (MAX_TRAINING_RUNS). Try again later.`,
    retryMs: RETRY_MS,
  }
  const tooManyOfAddress: Refusal = {
    reason: 'too-many-runs-of-address',
    detail: `${maxRunningPerAddress} training runs from this address are in progress (MAX_TRAINING_RUNS_PER_ADDRESS). Cancel one, or try again later.`,
    retryMs: RETRY_MS,
  }
  /** In order of their start. */
  const runs = new Map<string, TrainingRun>()
  /** Each with the client address that started it. */
  const running = new Map<TrainingRun, string>()
  /** The id of the latest event of any run. */
  let newest: EventId | undefined
  /** In order of their end. */
  const kept: { readonly run: TrainingRun; readonly untilMs: number }[] = []

  const publish: TrainingRunOptions['publish'] = async (stream, event, data) => {
    const id = await options.publish(stream, event, data)
    newest = parseEventId(id)
    return id
  }

  return {
    refusals: [tooMany, tooManyOfAddress],
    start(life, address) {
      if (running.size >= maxRunning) return tooMany
      // At most `maxRunning` entries, so a separate count is not worth it.
      const ofAddress = [...running.values()].filter((other) => other === address).length
      if (ofAddress >= maxRunningPerAddress) return tooManyOfAddress
      const run = createTrainingRun({ ...options, publish }, life)
      runs.set(run.id, run)
      running.set(run, address)
      void run.ended.then(() => keep(run))
      return run
    },
    get: (id) => known().get(id),
    list: () => [...known().values()].reverse(),
    after,
    get running() {
      return running.size
    },
    async close() {
      await Promise.all([...running.keys()].map((run) => run.abandon()))
    },
  }

  function after(lastEventId: string): TrainingRun | 'over' | undefined {
    for (const run of known().values()) {
      if (run.has(lastEventId)) return run.isOverAfter(lastEventId) ? 'over' : run
    }
    // An EventSource that has seen a run complete reconnects once more. It must not start a run, even if the run that it
    // saw is no longer kept.
    const id = parseEventId(lastEventId)
    const isOurs = id !== undefined && id.epoch === newest?.epoch && id.seq <= newest.seq
    return isOurs ? 'over' : undefined
  }

  function keep(run: TrainingRun): void {
    running.delete(run)
    kept.push({ run, untilMs: clock.now() + options.keptMs })
    known()
  }

  /** Drops old runs on access, which needs no timer. */
  function known(): ReadonlyMap<string, TrainingRun> {
    const nowMs = clock.now()
    for (let oldest = kept[0]; oldest !== undefined; oldest = kept[0]) {
      if (kept.length <= options.maxKept && oldest.untilMs > nowMs) break
      kept.shift()
      runs.delete(oldest.run.id)
    }
    return runs
  }
}
