// What is said of a training run: its end, and its quarters where the reader wants them.
import type { Announcer } from '../../page/announcer.svelte.ts'
import type { TrainingModel } from './training.svelte.ts'
import type { Preferences } from '../../settings/preferences.svelte.ts'

interface Page {
  readonly training: TrainingModel
  readonly announcer: Announcer
  readonly preferences: Preferences
}

const QUARTER_PERCENT = 25
const LAST_QUARTER = 3

/** Announces what a run has newly reached; each call is given what the last one returned, 0 at first. */
export function speakOfRun({ training, announcer, preferences }: Page, before: number): number {
  const { phase } = training
  const { percent } = training.live.current
  const quarter = Math.min(LAST_QUARTER, Math.floor(percent / QUARTER_PERCENT))
  const reached = phase.kind === 'complete' ? LAST_QUARTER + 1 : quarter
  if (reached <= before) return reached
  if (reached > LAST_QUARTER) {
    if (preferences.announcements !== 'off') announcer.say('The training run is complete.')
  } else if (preferences.announcements === 'milestones') {
    announcer.say(`The training run is at ${reached * QUARTER_PERCENT} %.`)
  }
  return reached
}
