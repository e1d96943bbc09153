/** The time of day: one event at once, then one per second, each second exactly once. */
import type { Source } from '@downlink/hub'
import type { Clock } from '@downlink/protocol'
import type { time } from '@downlink/protocol/streams'
import { createPace } from '../../clock.ts'

const SECOND_MS = 1000
/** If the time shown and the wall clock differ by more than this, the wall clock has been set. */
const MAX_SKEW_MS = 1000

export function timeSource(clock: Clock): Source<typeof time> {
  return async (controls) => {
    const pace = createPace(clock, controls.signal)
    let shownMs = clock.dateMs()
    for (;;) {
      controls.publish('message', `The time is ${timeOfDay(shownMs)}`)
      await pace.next(SECOND_MS)
      // Counting, because a timer that is late at the end of a second would skip that second or repeat one.
      shownMs += SECOND_MS
      if (Math.abs(clock.dateMs() - shownMs) > MAX_SKEW_MS) shownMs = clock.dateMs()
    }
  }
}

/** `HH:MM:SS` in the server's time zone, 24 hours, independent of its locale. */
function timeOfDay(ms: number): string {
  const date = new Date(ms)
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}
