// What the server's clock says about its zone and its distance from ours.
import type { Formats } from '../../ui/format.ts'

const DAY_MINUTES = 1440
const ZONE_STEP_MINUTES = 15
/** No zone is further ahead of UTC. */
const FURTHEST_AHEAD_MINUTES = 14 * 60
/** Clocks this far apart are set wrong; nearer, it may be the network. */
const FAR_MS = 60_000
/** Less than this no round trip can tell. */
const SAME_MS = 1

/** Minutes ahead of UTC of a clock that shows `secondOfDay` at the moment `at` (ms since 1970). */
export function zoneMinutes(secondOfDay: number, at: number): number {
  const utcMinutes = (at / 60_000) % DAY_MINUTES
  const ahead = secondOfDay / 60 - utcMinutes
  const rounded = Math.round(ahead / ZONE_STEP_MINUTES) * ZONE_STEP_MINUTES
  if (rounded > FURTHEST_AHEAD_MINUTES) return rounded - DAY_MINUTES
  if (rounded <= FURTHEST_AHEAD_MINUTES - DAY_MINUTES) return rounded + DAY_MINUTES
  return rounded
}

/** `+12 ms ahead`; `far` where one of the two clocks must be wrong. */
export function offsetWords(offsetMs: number, formats: Formats): { text: string; far: boolean } {
  const far = Math.abs(offsetMs) >= FAR_MS
  if (Math.abs(offsetMs) < SAME_MS) return { text: 'same time', far }
  const span = formats.span(offsetMs)
  const text = offsetMs > 0 ? `+${span} ahead` : `\u2212${span} behind`
  return { text: far ? `${text}: one clock is wrong` : text, far }
}
