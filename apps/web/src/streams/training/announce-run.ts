// Announcements of a training run for screen readers: its end, and each quarter if the reader wants milestones.
import type { Announcer } from '../../page/announcer.svelte.ts'
import type { Preferences } from '../../settings/preferences.svelte.ts'
import type { TrainingModel } from './training.svelte.ts'

const QUARTER_PERCENT = 25
const LAST_QUARTER = 3
const COMPLETE = LAST_QUARTER + 1

/** Announces a milestone that is new since the last call, which returned `before`; 0 at first. */
export function announceProgress(
  { phase, live }: TrainingModel,
  page: { readonly announcer: Announcer; readonly preferences: Preferences },
  before: number,
): number {
  const { announcements } = page.preferences
  const quarter = Math.min(LAST_QUARTER, Math.floor(live.current.percent / QUARTER_PERCENT))
  const reached = phase.kind === 'complete' ? COMPLETE : quarter
  if (reached <= before) return reached
  if (reached === COMPLETE) {
    if (announcements !== 'off') page.announcer.announce('The training run is complete.')
  } else if (announcements === 'milestones') {
    page.announcer.announce(`The training run is at ${reached * QUARTER_PERCENT} %.`)
  }
  return reached
}
