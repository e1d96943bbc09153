// The time zone of the server's clock, and its offset in words.
import type { Formats } from '../../ui/format.ts'

const DAY_MINUTES = 1440
const ZONE_STEP_MINUTES = 15
/** The zone that is furthest ahead of UTC. */
const MAX_ZONE_MINUTES = 14 * 60
/** With a larger offset one of the clocks is wrong; a smaller one may come from the network. */
const FAR_MS = 60_000
/** Smaller offsets cannot be measured. */
const SAME_MS = 1

/** The time zone of a clock that shows `secondOfDay` at `at` (ms since 1970), in minutes ahead of UTC. */
export function zoneMinutes(secondOfDay: number, at: number): number {
  const utcMinutes = (at / 60_000) % DAY_MINUTES
  const ahead = secondOfDay / 60 - utcMinutes
  const rounded = Math.round(ahead / ZONE_STEP_MINUTES) * ZONE_STEP_MINUTES
  if (rounded > MAX_ZONE_MINUTES) return rounded - DAY_MINUTES
  if (rounded <= MAX_ZONE_MINUTES - DAY_MINUTES) return rounded + DAY_MINUTES
  return rounded
}

/** Text such as `+12 ms ahead`. `far` means that one of the two clocks must be wrong. */
export function offsetLabel(offsetMs: number, formats: Formats): { text: string; far: boolean } {
  const far = Math.abs(offsetMs) >= FAR_MS
  if (Math.abs(offsetMs) < SAME_MS) return { text: 'same time', far }
  const span = formats.span(offsetMs)
  const text = offsetMs > 0 ? `+${span} ahead` : `\u2212${span} behind`
  return { text: far ? `${text}: one clock is wrong` : text, far }
}
