// How long events were on their way, as far as that can be said without trusting either clock.
import { systemStats, time } from '@downlink/protocol/streams'
import type { Row } from './row.ts'

/** Estimated milliseconds, or why there is no estimate. */
export type Latency =
  { readonly ms: number; readonly how: string } | { readonly ms: null; readonly how: string }

/** An event is compared with the others of its topic that came within a minute of it. */
const MINUTE_MS = 60_000
/** A second of the day names a moment of each day, and zones differ by quarters of hours: compared within one hour. */
const HOUR_MS = 3_600_000
const NAMED_SECOND = /(\d\d):(\d\d)$/
const BEAT_MS = 1000
/** After a longer silence nobody knows whether beats were late or left out. */
const UNBROKEN_MS = 1.75 * BEAT_MS

const BY_NAME = 'Estimated: against the fastest event of the minute, by the second each names'
const BY_BEAT = 'Estimated: against the fastest event of the minute, by their beat of one a second'
const HALF_TRIP = ', plus half of a round trip'
const NO_TIME = 'Unknown: this topic neither says when it was sent nor keeps a beat'
const NO_TRIP = 'Unknown: GET /time was not answered'
const ALONE = 'Unknown: there is no other event to compare it with'

interface Sample {
  readonly at: number
  /** What is the same for all events that take the same time. */
  readonly phase: number
}

/** For all `rows`, oldest first: each lateness is that against the fastest, to which half of a round trip is added. */
export function latencies(
  rows: readonly Row[],
  halfTripMs: number | null,
): (row: Row) => Latency | null {
  const known = new Map<number, { sample: Sample; peers: Sample[]; how: string }>()
  let named: Sample[] = []
  let beats: Sample[] = []
  let beat = 0

  for (const row of rows) {
    const { at, number } = row.entry
    // On another connection the server's beat may begin at another moment.
    if (row.topic === 'downlink.hello') [named, beats] = [[], []]
    if (row.kind !== 'event') continue
    if (row.topic === time.topic) {
      const [match, minutes, seconds] = NAMED_SECOND.exec(row.data) ?? []
      if (match === undefined) continue
      const sample = { at, phase: at - (Number(minutes) * 60 + Number(seconds)) * 1000 }
      named.push(sample)
      known.set(number, { sample, peers: named, how: BY_NAME })
    } else if (row.topic === systemStats.topic && row.event === 'message') {
      if (at - (beats.at(-1)?.at ?? at) > UNBROKEN_MS) beats = []
      const sample = { at, phase: at - beat++ * BEAT_MS }
      beats.push(sample)
      known.set(number, { sample, peers: beats, how: BY_BEAT })
    }
  }

  return (row) => {
    if (row.kind !== 'event') return null
    const found = known.get(row.entry.number)
    if (!found) return { ms: null, how: NO_TIME }
    if (halfTripMs === null) return { ms: null, how: NO_TRIP }
    const { sample, peers, how } = found
    const near = peers.filter((peer) => Math.abs(peer.at - sample.at) <= MINUTE_MS)
    if (near.length < 2) return { ms: null, how: ALONE }
    const late = Math.max(...near.map((peer) => withinAnHour(sample.phase - peer.phase)))
    return { ms: late + halfTripMs, how: how + HALF_TRIP }
  }
}

/** Into half an hour either way. */
function withinAnHour(ms: number): number {
  return ms - HOUR_MS * Math.round(ms / HOUR_MS)
}
