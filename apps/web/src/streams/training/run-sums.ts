// A training run summed up: what came out of it, and how long it will still take.
import type { Formats } from '../../ui/format.ts'
import type { TrainingView } from './run-progress.ts'

/** `10 of 10 epochs in 0:25. Final loss 0.1000, best 0.1000.` */
export function runSummary(view: TrainingView, formats: Formats): string {
  if (!view.progress || !view.best || view.startedAt === null) return ''
  const { epoch, total_epochs, loss } = view.progress
  const length = formats.duration(view.at - view.startedAt)
  return (
    `${epoch} of ${total_epochs} epochs in ${length}. ` +
    `Final loss ${formats.loss(loss)}, best ${formats.loss(view.best.loss)}.`
  )
}

/** How long the rest will take at the pace so far, in ms; null while there is no pace. */
export function timeLeft(view: TrainingView, now: number): number | null {
  if (view.startedAt === null || view.percent <= 0) return null
  const elapsed = now - view.startedAt
  return (elapsed / view.percent) * (100 - view.percent)
}
