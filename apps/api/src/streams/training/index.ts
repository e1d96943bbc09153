/** The entry for training runs: each run is an instance `training/<id>`, and the plain stream starts one. */
import type { OpenedTopic, ServedStream, StreamContext, StreamEntry } from '../stream-entry.ts'
import { training } from '@downlink/protocol/streams'
import { isRefusal } from '../../operations/limits/refusal.ts'
import type { TrainingRun } from './run.ts'
import { runPaths, runRoutes } from './run-routes.ts'
import { createTrainingRuns, type TrainingRuns } from './runs.ts'
import { trainingSettings, type TrainingSettings } from './settings.ts'
import { EVENTS_PER_RUN } from './source.ts'

/** Shorter than the log keeps events, so that every run that is listed can be replayed whole. */
const RUN_KEPT_MS = 20 * 60_000
const PREFIX = `${training.topic}/`

export const trainingEntry = {
  contract: training,
  path: '/stream-training',
  idsFrom: 'GET /training-runs lists the ids',
  startsWork: true,
  settings: trainingSettings,
  paths: runPaths,
  keptEvents: ({ MAX_TRAINING_RUNS, MAX_KEPT_TRAINING_RUNS }: TrainingSettings) =>
    (MAX_TRAINING_RUNS + MAX_KEPT_TRAINING_RUNS) * EVENTS_PER_RUN,
  serve,
} satisfies StreamEntry<typeof training, typeof trainingSettings>

export interface ServedTraining extends ServedStream {
  readonly runs: TrainingRuns
}

function serve({ hub, clock, onError }: StreamContext, values: TrainingSettings): ServedTraining {
  const runs = createTrainingRuns({
    clock,
    stepMs: values.TRAINING_STEP_MS,
    maxRunning: values.MAX_TRAINING_RUNS,
    maxRunningPerAddress: values.MAX_TRAINING_RUNS_PER_ADDRESS,
    maxKept: values.MAX_KEPT_TRAINING_RUNS,
    keptMs: RUN_KEPT_MS,
    publish: (stream, event, data) => hub.publish(stream, event, data),
    onError: (error) => onError(error, training.topic),
  })
  return {
    runs,
    refusals: runs.refusals,
    gauges: [
      {
        name: 'training_runs',
        help: 'Training runs in progress.',
        read: () => runs.running,
      },
    ],
    open(topic) {
      const run = topic.startsWith(PREFIX) ? runs.get(topic.slice(PREFIX.length)) : undefined
      return run && whole(run)
    },
    openPlain({ lastEventId, address }) {
      const known = lastEventId === undefined ? undefined : runs.after(lastEventId)
      if (known !== undefined && known !== 'over') return whole(known)
      const run = runs.start('watched', address)
      return isRefusal(run) ? run : { ...whole(run), resumes: false }
    },
    isOver: (lastEventId) => runs.after(lastEventId) === 'over',
    routes: (router, services) => runRoutes(router, services, runs),
    close: () => runs.close(),
  }
}

/** A run from its first event. */
function whole(run: TrainingRun): OpenedTopic {
  return { request: { stream: run.stream, start: 'history' }, onOpen: () => run.watch() }
}
