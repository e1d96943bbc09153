// The lateness of events, relative to the fastest event of the last minute: neither clock needs to be right.

const WINDOW_MS = 60_000
/** Two topics with one event per second, over one minute. */
const CAPACITY = 120
/** Only differences within an hour count, so that midnight and daylight saving time cause no jump. */
const HOUR_MS = 3_600_000

export interface Lateness {
  /** An event was sent at `sentAt` of the server's clock and received at `at`. Returns its lateness in ms. */
  add(at: number, sentAt: number): number
  /** The quantile `p` (0 to 1) of the lateness in the minute before `now`; null without events. */
  quantile(p: number, now: number): number | null
  /** Removes all samples: after a reconnect, the server may send at other fractions of a second. */
  reset(): void
}

export function createLateness(): Lateness {
  let samples: { at: number; phase: number }[] = []
  let base: number | null = null

  const fastest = () => Math.min(...samples.map((sample) => sample.phase))

  return {
    add(at, sentAt) {
      base ??= at - sentAt
      const phase = withinHour(at - sentAt - base)
      samples = samples.filter((sample) => sample.at > at - WINDOW_MS).slice(1 - CAPACITY)
      samples.push({ at, phase })
      return phase - fastest()
    },
    quantile(p, now) {
      const recent = samples.filter((sample) => sample.at > now - WINDOW_MS)
      if (recent.length === 0) return null
      const least = fastest()
      const sorted = recent.map((sample) => sample.phase - least).sort((a, b) => a - b)
      return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? null
    },
    reset() {
      samples = []
      base = null
    },
  }
}

/** The difference modulo one hour, from minus to plus half an hour. */
export function withinHour(ms: number): number {
  return ms - HOUR_MS * Math.round(ms / HOUR_MS)
}
