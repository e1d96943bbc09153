// Which seconds of the server's clock arrived: the last sixty one by one, all of them as a count.
import type { Tick } from './tick-ring.ts'

export const SECONDS = 60
const DAY_SECONDS = 86_400
/** A longer hole is another sitting (the laptop slept), not a row of missed ticks. */
const LONGEST_HOLE_SECONDS = 600

export interface TickView {
  /** By the second of the minute: the current minute up to now, the rest still ahead. */
  readonly ticks: readonly Tick[]
  /** Lateness in ms of the last sixty seconds, oldest first; null for a missed one. */
  readonly lateness: readonly (number | null)[]
  readonly secondOfDay: number | null
  readonly arrived: number
  readonly missed: number
}

export interface TickLog {
  /** The tick of a second of the day came `latenessMs` late. One that came before changes nothing. */
  add(secondOfDay: number, latenessMs: number): void
  view(): TickView
}

export function createTickLog(): TickLog {
  const slots: Tick[] = Array.from({ length: SECONDS }, () => 'ahead')
  let lateness: (number | null)[] = []
  let last: number | null = null
  let arrived = 0
  let missed = 0

  const note = (secondOfDay: number, late: number | null) => {
    slots[secondOfDay % SECONDS] = late === null ? 'missed' : 'arrived'
    lateness = [...lateness, late].slice(-SECONDS)
    if (late === null) missed += 1
    else arrived += 1
  }

  return {
    add(secondOfDay, latenessMs) {
      const steps = last === null ? 1 : (secondOfDay - last + DAY_SECONDS) % DAY_SECONDS
      // Half a day ahead is the past: a repeat after a reconnect, or a clock that was set back.
      if (steps === 0 || (steps > DAY_SECONDS / 2 && steps > DAY_SECONDS - SECONDS)) return
      const hole = steps <= LONGEST_HOLE_SECONDS ? steps - 1 : 0
      for (let step = hole; step > 0; step -= 1) {
        note((secondOfDay - step + DAY_SECONDS) % DAY_SECONDS, null)
      }
      note(secondOfDay, latenessMs)
      last = secondOfDay
    },
    view() {
      const second = (last ?? -1) % SECONDS
      return {
        ticks: slots.map((tick, index) => (index <= second ? tick : 'ahead')),
        lateness,
        secondOfDay: last,
        arrived,
        missed,
      }
    },
  }
}
