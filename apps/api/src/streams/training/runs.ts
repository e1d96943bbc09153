/** All training runs: limits on how many run at once, in all and by client address, and how many are kept after their end. */
import { parseEventId, type EventId } from '@downlink/protocol'
import type { Refusal } from '../../operations/admission.ts'
import {
  createTrainingRun,
  type RunLife,
  type TrainingRun,
  type TrainingRunOptions,
} from './run.ts'

export interface TrainingRuns {
  /** Starts a run for a client address; or says which limit is reached. */
  start(life: RunLife, address: string): TrainingRun | RunRefusal
  get(id: string): TrainingRun | undefined
  /** Newest first. */
  list(): readonly TrainingRun[]
  /**
   * The run that goes on after an event. `over`: it was the run's last, or the run was cancelled or is forgotten.
   * Undefined: no run of this process has had the id.
   */
  after(lastEventId: string): TrainingRun | 'over' | undefined
  readonly running: number
  /** Ends all without a word. */
  close(): Promise<void>
}

export type RunRefusal = Extract<Refusal, 'too-many-runs' | 'too-many-runs-of-address'>

export interface TrainingRunsOptions extends TrainingRunOptions {
  readonly maxRunning: number
  readonly maxRunningPerAddress: number
  /** Ended runs beyond this are forgotten, the one that ended first going first. */
  readonly maxKept: number
  /** Ended runs are forgotten after this long, before their events are. */
  readonly keptMs: number
}

export function createTrainingRuns(options: TrainingRunsOptions): TrainingRuns {
  const { clock } = options
  /** In the order they started. */
  const runs = new Map<string, TrainingRun>()
  /** With the address that started each. */
  const running = new Map<TrainingRun, string>()
  /** The id of the newest event of any run. */
  let newest: EventId | undefined
  /** In the order they ended. */
  const kept: { readonly run: TrainingRun; readonly untilMs: number }[] = []

  const publish: TrainingRunOptions['publish'] = async (stream, event, data) => {
    const id = await options.publish(stream, event, data)
    newest = parseEventId(id)
    return id
  }

  return {
    start(life, address) {
      if (running.size >= options.maxRunning) return 'too-many-runs'
      // At most `maxRunning` steps, so the count is not kept apart.
      const ofAddress = [...running.values()].filter((other) => other === address).length
      if (ofAddress >= options.maxRunningPerAddress) return 'too-many-runs-of-address'
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
    // Not starting anew matters: those who saw a run complete ask once more, when it may be forgotten already.
    const id = parseEventId(lastEventId)
    const isOurs = id !== undefined && id.epoch === newest?.epoch && id.seq <= newest.seq
    return isOurs ? 'over' : undefined
  }

  function keep(run: TrainingRun): void {
    running.delete(run)
    kept.push({ run, untilMs: clock.elapsed() + options.keptMs })
    known()
  }

  /** Forgets when asked, so that no timer has to. */
  function known(): ReadonlyMap<string, TrainingRun> {
    const nowMs = clock.elapsed()
    for (let oldest = kept[0]; oldest !== undefined; oldest = kept[0]) {
      if (kept.length <= options.maxKept && oldest.untilMs > nowMs) break
      kept.shift()
      runs.delete(oldest.run.id)
    }
    return runs
  }
}
