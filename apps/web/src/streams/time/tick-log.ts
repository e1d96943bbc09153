// Which seconds of the server's clock were received: the last sixty one by one, all of them as a count.
import type { Tick } from './tick-ring.ts'

const SECONDS = 60
const DAY_SECONDS = 86_400
/** A longer hole is not missed ticks: the computer was asleep, for example. */
const MAX_HOLE_SECONDS = 600

export interface TickView {
  /** By the second of the minute. Those after the current second are `ahead`. */
  readonly ticks: readonly Tick[]
  /** Lateness in ms of the last sixty seconds, oldest first; null for a missed tick. */
  readonly lateness: readonly (number | null)[]
  readonly secondOfDay: number | null
  readonly arrived: number
  readonly missed: number
}

export interface TickLog {
  /** Adds the tick of a second of the day. A tick from the past is ignored. */
  add(secondOfDay: number, latenessMs: number): void
  view(): TickView
}

export function createTickLog(): TickLog {
  const slots: Tick[] = Array.from({ length: SECONDS }, () => 'ahead')
  let lateness: (number | null)[] = []
  let last: number | null = null
  let arrived = 0
  let missed = 0

  const addSecond = (secondOfDay: number, late: number | null) => {
    slots[secondOfDay % SECONDS] = late === null ? 'missed' : 'arrived'
    lateness = [...lateness, late].slice(-SECONDS)
    if (late === null) missed += 1
    else arrived += 1
  }

  return {
    add(secondOfDay, latenessMs) {
      const steps = last === null ? 1 : (secondOfDay - last + DAY_SECONDS) % DAY_SECONDS
      // Up to a minute back is a duplicate after a reconnect, or a clock that was set back.
      if (steps === 0 || steps > DAY_SECONDS - SECONDS) return
      const hole = steps <= MAX_HOLE_SECONDS ? steps - 1 : 0
      for (let step = hole; step > 0; step -= 1) {
        addSecond((secondOfDay - step + DAY_SECONDS) % DAY_SECONDS, null)
      }
      addSecond(secondOfDay, latenessMs)
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
