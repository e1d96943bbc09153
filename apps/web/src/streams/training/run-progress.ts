// The progress of a training run, computed from its events.
import type { TrainingProgress } from '@downlink/protocol/streams'
import type { Formats } from '../../ui/format.ts'

export interface TrainingView {
  readonly progress: TrainingProgress | null
  /** Epochs done, as a fraction: 2.5 is the middle of the third epoch. */
  readonly epochs: number
  /** Part of the whole run that is done. */
  readonly percent: number
  readonly best: { readonly loss: number; readonly epoch: number } | null
  /** When the run began, in ms since 1970 of the browser's clock; null if unknown. */
  readonly startedAt: number | null
  /** When the newest event was received. */
  readonly at: number
}

export const NO_PROGRESS: TrainingView = {
  progress: null,
  epochs: 0,
  percent: 0,
  best: null,
  startedAt: null,
  at: 0,
}

/** `view` after a `progress` event, which was received at `at`. */
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

/** Text such as `10 of 10 epochs in 0:25. Final loss 0.1000, best 0.1000.` */
export function runSummary(view: TrainingView, formats: Formats): string {
  if (!view.progress || !view.best || view.startedAt === null) return ''
  const { epoch, total_epochs, loss } = view.progress
  const length = formats.duration(view.at - view.startedAt)
  return (
    `${epoch} of ${total_epochs} epochs in ${length}. ` +
    `Final loss ${formats.loss(loss)}, best ${formats.loss(view.best.loss)}.`
  )
}

/** Estimated rest of the run at the average speed so far, in ms; null before any progress. */
export function timeLeft(view: TrainingView, now: number): number | null {
  if (view.startedAt === null || view.percent <= 0) return null
  const elapsed = now - view.startedAt
  return (elapsed / view.percent) * (100 - view.percent)
}
