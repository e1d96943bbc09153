// What the beat strip shows, in words: for its caption and for the ear.
import type { Formats } from '../ui/format.ts'
import type { Outage, Strip } from './activity.ts'

/** The caption: the newest outage, how long it was and what became of its events. Empty without one. */
export function outageWords(outage: Outage | null, now: number, formats: Formats): string {
  if (!outage) return ''
  const length = formats.span((outage.endedAt ?? now) - outage.startedAt)
  if (outage.endedAt === null) return `outage, ${length} so far`
  if (outage.gap) return `outage ${length}, its events are lost`
  return `outage ${length}, ${count(outage.replayed, 'event')} replayed`
}

/** The whole strip in one sentence or two. */
export function stripWords(strip: Strip, now: number, formats: Formats): string {
  const total = strip.beats.reduce((sum, beat) => sum + beat.events, 0)
  const heard = `Events per second, last 2 minutes: ${count(total, 'event')}.`
  const { outage } = strip
  if (!outage) return heard
  const length = formats.span((outage.endedAt ?? now) - outage.startedAt)
  if (outage.endedAt === null) return `${heard} An outage of ${length} goes on.`
  return `${heard} One outage of ${length}, ${formats.span(now - outage.endedAt)} ago.`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
