// When the page drew the received frames: one time per animation frame while the drawer is open.
import { frames, type FrameScheduler } from '../../panel/frames.ts'
import type { Journal } from '../../connection/journal.ts'
import { createRing } from '../../charts/ring.ts'

/** More than three minutes at five animation frames per second. */
const CAPACITY = 1024

export interface DrawTimes {
  /**
   * When an entry was drawn, in ms since 1970; null if that is unknown or has not happened yet. `totals` makes an effect
   * ask again after new frames, which the times themselves do not.
   */
  of(entryNumber: number, totals: Journal['totals']): number | null
  /** Records the page's frames until the returned function is called; for `$effect`. */
  follow(): () => void
}

export function createDrawTimes(journal: Journal, scheduler: FrameScheduler = frames): DrawTimes {
  const ring = createRing(CAPACITY, 2)
  let newest = journal.entries().at(-1)?.number ?? -1
  const lastBeforeOpening = newest

  return {
    of(entryNumber) {
      const oldestKnown = ring.length === CAPACITY ? ring.at(0, 0) : lastBeforeOpening
      if (entryNumber <= oldestKnown) return null
      const at = ring.at(ring.firstAtLeast(entryNumber), 1)
      return Number.isNaN(at) ? null : at
    },
    follow: () =>
      scheduler.onFrame(() => {
        const number = journal.entries().at(-1)?.number ?? newest
        if (number > newest) ring.push(number, Date.now())
        newest = number
      }),
  }
}
