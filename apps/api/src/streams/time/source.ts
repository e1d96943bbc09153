/** The time of day: at once, then every second, each second named once. */
import type { time } from '@downlink/protocol/streams'
import { createPace, type Clock } from '../../clock.ts'
import type { Source } from '@downlink/hub'

const SECOND_MS = 1000
/** The clock shown and the beat may part by this much (a late timer) before the beat is set by the clock again. */
const MAX_SKEW_MS = 1000

export function timeSource(clock: Clock): Source<typeof time> {
  return async (controls) => {
    const pace = createPace(clock, controls.signal)
    let shownMs = clock.now()
    for (;;) {
      controls.publish('message', `The time is ${timeOfDay(shownMs)}`)
      await pace.next(SECOND_MS)
      // By counting, a timer that is late at the end of a second neither skips that second nor names one twice.
      shownMs += SECOND_MS
      if (Math.abs(clock.now() - shownMs) > MAX_SKEW_MS) shownMs = clock.now()
    }
  }
}

/** `HH:MM:SS` of 24 hours in the server's time zone, in digits whatever its locale. */
function timeOfDay(ms: number): string {
  const date = new Date(ms)
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}
