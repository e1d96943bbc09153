/** A connection that shows training runs counts as their viewer, and is let go when it has nothing left to wait for. */
import type { Subscription } from '@downlink/hub'
import type { TrainingRun } from './training-run.ts'

/** @param others - topics of the connection that go on without the runs */
export function watchRuns(
  runs: readonly TrainingRun[],
  subscription: Subscription,
  others = 0,
): () => void {
  let waitingFor = runs.length + others
  const unwatch = runs.map((run) =>
    run.watch(() => {
      waitingFor -= 1
      if (waitingFor === 0) subscription.leave('ended')
    }),
  )
  return () => unwatch.forEach((stop) => stop())
}
