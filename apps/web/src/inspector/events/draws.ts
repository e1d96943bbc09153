// When the page drew what it had received: one moment for each animation frame, for as long as the drawer is open.
import { frame, type Frame } from '../../panel/frame.ts'
import type { Journal } from '../../connection/journal.ts'
import { createRing } from '../../charts/ring.ts'

/** Five frames a second: more than three minutes. */
const CAPACITY = 1024

export interface Draws {
  /** When the entry was drawn, in ms since 1970; null if that is not known, or is yet to come: ask with new totals. */
  of(entryNumber: number, totals: Journal['totals']): number | null
  /** Watches the page's frames; for `$effect`. */
  follow(): () => void
}

export function createDraws(journal: Journal, on: Frame = frame): Draws {
  const ring = createRing(CAPACITY, 2)
  let newest = journal.entries().at(-1)?.number ?? -1
  const before = newest

  return {
    of(entryNumber) {
      const oldestKnown = ring.length === CAPACITY ? ring.at(0, 0) : before
      if (entryNumber <= oldestKnown) return null
      const at = ring.at(ring.firstAtLeast(entryNumber), 1)
      return Number.isNaN(at) ? null : at
    },
    follow: () =>
      on.alongside(() => {
        const number = journal.entries().at(-1)?.number ?? newest
        if (number > newest) ring.push(number, Date.now())
        newest = number
      }),
  }
}
