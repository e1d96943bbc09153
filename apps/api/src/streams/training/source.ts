/** One run of a training: ten epochs of a hundred steps with a falling loss, then `complete`. */
import type { Stream } from '@downlink/protocol'
import type { training, TrainingProgress } from '@downlink/protocol/streams'
import { createPace, type Clock } from '../../clock.ts'
import type { Source } from '@downlink/hub'

/** The contract of one run: the training's, on a topic of its own. */
export type RunStream = Stream<`training/${string}`, (typeof training)['events']>

export const TOTAL_EPOCHS = 10
const STEPS_PER_EPOCH = 100
/** The pause before an epoch, in steps. */
const EPOCH_PAUSE_STEPS = 25

/** Before the first step. */
export const NO_PROGRESS = progressAt(1, 0)

/** Resolves after `complete`; rejects when `signal` aborts before. */
export function trainingSource(clock: Clock, stepMs: number): Source<RunStream> {
  return async (controls) => {
    const pace = createPace(clock, controls.signal)
    for (let epoch = 1; epoch <= TOTAL_EPOCHS; epoch++) {
      await pace.next(EPOCH_PAUSE_STEPS * stepMs)
      for (let step = 1; step <= STEPS_PER_EPOCH; step++) {
        await pace.next(stepMs)
        controls.publish('progress', progressAt(epoch, step))
      }
    }
    controls.publish('complete', 'Training complete!')
  }
}

function progressAt(epoch: number, step: number): TrainingProgress {
  const loss = (1 / epoch) * (1 - step / STEPS_PER_EPOCH) + 0.1
  return {
    epoch,
    total_epochs: TOTAL_EPOCHS,
    progress_percent: (step * 100) / STEPS_PER_EPOCH,
    loss: Math.round(loss * 10_000) / 10_000,
  }
}
