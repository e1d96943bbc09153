// The activity of the connection in words: the caption below the strip, and its label for screen readers.
import type { Formats } from '../ui/format.ts'
import type { ActivityReport, Outage } from './activity.ts'

/** The newest outage: its length, and what became of its events. Empty without an outage. */
export function outageLabel(outage: Outage | null, now: number, formats: Formats): string {
  if (!outage) return ''
  const length = formats.span((outage.endedAt ?? now) - outage.startedAt)
  if (outage.endedAt === null) return `outage, ${length} so far`
  if (outage.gap) return `outage ${length}, its events are lost`
  return `outage ${length}, ${countOf(outage.replayed)} replayed`
}

/** The whole strip in one or two sentences. */
export function activityLabel(report: ActivityReport, now: number, formats: Formats): string {
  const { outage } = report
  const total = report.seconds.reduce((sum, second) => sum + second.events, 0)
  const events = `Events per second, last 2 minutes: ${countOf(total)}.`
  if (!outage) return events
  const length = formats.span((outage.endedAt ?? now) - outage.startedAt)
  if (outage.endedAt === null) return `${events} An outage has lasted ${length} so far.`
  return `${events} One outage of ${length}, ${formats.span(now - outage.endedAt)} ago.`
}

function countOf(events: number): string {
  return `${events} event${events === 1 ? '' : 's'}`
}
