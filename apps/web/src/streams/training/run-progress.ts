// How far a training run is, as it adds up from its events.
import type { TrainingProgress } from '@downlink/protocol/streams'

export interface TrainingView {
  readonly progress: TrainingProgress | null
  /** Epochs done as a fraction, and as a share of the whole run. */
  readonly epochs: number
  readonly percent: number
  readonly best: { readonly loss: number; readonly epoch: number } | null
  readonly startedAt: number | null
  readonly at: number
}

export const NOTHING: TrainingView = {
  progress: null,
  epochs: 0,
  percent: 0,
  best: null,
  startedAt: null,
  at: 0,
}

/** `view` after one more step, which came at `at`. */
export function advance(view: TrainingView, progress: TrainingProgress, at: number): TrainingView {
  const { epoch, total_epochs, progress_percent, loss } = progress
  const epochs = epoch - 1 + progress_percent / 100
  return {
    progress,
    epochs,
    percent: (epochs / total_epochs) * 100,
    best: view.best && view.best.loss <= loss ? view.best : { loss, epoch },
    startedAt: view.startedAt ?? at,
    at,
  }
}
