/** The events of one training run: ten epochs of a hundred steps with a falling loss, then `complete`. */
import type { Source } from '@downlink/hub'
import type { Clock, Stream } from '@downlink/protocol'
import type { training, TrainingProgress } from '@downlink/protocol/streams'
import { createPace } from '../../clock.ts'

/** The contract of one run: the events of `training` on a topic of their own. */
export type RunStream = Stream<`training/${string}`, (typeof training)['events']>

export const TOTAL_EPOCHS = 10
const STEPS_PER_EPOCH = 100
/** The steps and `complete`. */
export const EVENTS_PER_RUN = TOTAL_EPOCHS * STEPS_PER_EPOCH + 1
/** The pause before each epoch, in steps. */
const EPOCH_PAUSE_STEPS = 25

/** The progress before the first step. */
export const NO_PROGRESS = progressAt(1, 0)

/** Resolves after `complete`; rejects if `signal` aborts first. */
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
