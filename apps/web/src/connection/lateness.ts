// How late events are, without trusting either clock: against the fastest event of the last minute.

const WINDOW_MS = 60_000
/** Two topics that beat once a second, over a minute. */
const CAPACITY = 120
/** Phases are compared within an hour, so that midnight and summer time make no jump. */
const TURN_MS = 3_600_000

export interface Lateness {
  /** An event that the server sent at `sentAt` of its own clock came at `at` of ours. Returns ms of lateness. */
  add(at: number, sentAt: number): number
  /** The lateness that the share `p` (0 to 1) of the events in the minute before `now` kept to; null for none. */
  quantile(p: number, now: number): number | null
  /** Forgets all: after a reconnect the server's beat may begin at another moment. */
  reset(): void
}

export function createLateness(): Lateness {
  let samples: { at: number; phase: number }[] = []
  let base: number | null = null

  const fastest = () => Math.min(...samples.map((sample) => sample.phase))

  return {
    add(at, sentAt) {
      base ??= at - sentAt
      const phase = turn(at - sentAt - base)
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

/** Into half an hour either way. */
function turn(ms: number): number {
  return ms - TURN_MS * Math.round(ms / TURN_MS)
}
