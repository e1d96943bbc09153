// Estimates how long events were on their way, without relying on the clocks of server and browser to agree.
import { withinHour } from '../../connection/lateness.ts'
import { isTopicOf, type StreamInfo } from '../../panel/stream-panel.ts'
import type { Row } from './row.ts'

/** Estimated milliseconds, or null; `how` is the method, or the reason why there is no estimate. */
export interface Latency {
  readonly ms: number | null
  readonly how: string
}

/** An event is compared with the events of its topic that were received within a minute of it. */
const MINUTE_MS = 60_000
/** After a longer time without an event, in intervals, events may have been left out. */
const MAX_INTERVALS = 1.75

const BY_TIMESTAMP =
  'Estimated: compared with the fastest event of the minute, by the time in each event'
const BY_INTERVAL =
  'Estimated: compared with the fastest event of the minute, by the interval at which they are sent'
const HALF_TRIP = ', plus half a round trip'
const NO_TIMING = 'Unknown: this event contains no time and is not sent at a fixed interval'
const NO_ROUND_TRIP = 'Unknown: the API did not answer GET /time'
const NO_PEERS = 'Unknown: there is no other event to compare it with'

interface Sample {
  readonly at: number
  /** Time of arrival minus time of sending, up to a constant that all `peers` share. */
  readonly delay: number
}

interface Measured {
  readonly sample: Sample
  /** Samples of the same topic that can be compared, including `sample`. */
  readonly peers: Sample[]
  readonly how: string
}

/**
 * Latencies of `rows`, oldest first: how much later an event was than the fastest comparable one, plus half a round trip.
 * Returns a function that gives the latency of a row, null for a row without an event.
 */
export function latencies(
  rows: readonly Row[],
  streams: readonly StreamInfo[],
  halfTripMs: number | null,
): (row: Row) => Latency | null {
  const measured = new Map<number, Measured>()
  const peersByTopic = new Map<string, Sample[]>()
  const counts = new Map<string, number>()

  for (const row of rows) {
    // On another connection, the server may send at other fractions of a second.
    if (row.topic === 'downlink.hello') peersByTopic.clear()
    if (row.kind !== 'event') continue
    const timing = streams.find(({ contract }) => isTopicOf(contract, row.topic))?.timing
    if (!timing) continue
    const { at, number } = row.entry
    let peers = peersByTopic.get(row.topic) ?? []
    let sentAtMs: number | undefined
    if (timing.kind === 'timestamp') sentAtMs = timing.sentAtMs(row.data)
    else if (row.event === timing.event) {
      const sinceMs = at - (peers.at(-1)?.at ?? at)
      if (sinceMs > MAX_INTERVALS * timing.intervalMs) peers = []
      const count = counts.get(row.topic) ?? 0
      counts.set(row.topic, count + 1)
      sentAtMs = count * timing.intervalMs
    }
    if (sentAtMs === undefined) continue
    const sample = { at, delay: at - sentAtMs }
    peers.push(sample)
    peersByTopic.set(row.topic, peers)
    measured.set(number, {
      sample,
      peers,
      how: timing.kind === 'timestamp' ? BY_TIMESTAMP : BY_INTERVAL,
    })
  }

  return (row) => {
    if (row.kind !== 'event') return null
    const found = measured.get(row.entry.number)
    if (!found) return { ms: null, how: NO_TIMING }
    if (halfTripMs === null) return { ms: null, how: NO_ROUND_TRIP }
    const { sample, peers, how } = found
    const near = peers.filter((peer) => Math.abs(peer.at - sample.at) <= MINUTE_MS)
    if (near.length < 2) return { ms: null, how: NO_PEERS }
    const late = Math.max(...near.map((peer) => withinHour(sample.delay - peer.delay)))
    return { ms: late + halfTripMs, how: how + HALF_TRIP }
  }
}
