// The connection's last two minutes, one beat a second: what came, what was replayed, when nothing could come.

export const BEAT_SECONDS = 120

export interface Beat {
  readonly events: number
  readonly replayed: number
  readonly bytes: number
  readonly out: boolean
}

export interface Strip {
  /** Oldest first, always 120; the last one is the second that has just ended. */
  readonly beats: readonly Beat[]
  /** Events and bytes a second over the last five whole seconds. */
  readonly eventsPerSecond: number
  readonly bytesPerSecond: number
  /** The newest outage within the strip; `endedAt` is null while it lasts. */
  readonly outage: Outage | null
}

export interface Outage {
  readonly startedAt: number
  readonly endedAt: number | null
  readonly replayed: number
  /** The server could not replay what it held back. */
  readonly gap: boolean
}

export interface Beats {
  event(at: number, replayed: boolean): void
  bytes(at: number, count: number): void
  lost(at: number): void
  restored(at: number): void
  /** The events of the newest outage are lost. */
  gap(): void
  /** The strip as seen at `now`. */
  at(now: number): Strip
}

const RATE_SECONDS = 5
const NOTHING: Beat = { events: 0, replayed: 0, bytes: 0, out: false }

/** Keeps two minutes in a fixed number of slots; what is older is overwritten. */
export function createBeats(): Beats {
  const slots = Array.from({ length: BEAT_SECONDS + 1 }, () => ({ ...NOTHING, second: -1 }))
  let outage: Outage | null = null

  const slotAt = (at: number) => {
    const second = Math.floor(at / 1000)
    const slot = slots[second % slots.length] as (typeof slots)[number]
    if (slot.second !== second) Object.assign(slot, NOTHING, { second })
    return slot
  }
  const beatOf = (second: number): Beat => {
    const slot = slots[second % slots.length] as (typeof slots)[number]
    const { events, replayed, bytes } = slot.second === second ? slot : NOTHING
    return { events, replayed, bytes, out: events === 0 && isOut(outage, second) }
  }

  return {
    event(at, replayed) {
      const slot = slotAt(at)
      slot.events += 1
      if (!replayed) return
      slot.replayed += 1
      if (outage) outage = { ...outage, replayed: outage.replayed + 1 }
    },
    bytes(at, count) {
      slotAt(at).bytes += count
    },
    lost(at) {
      if (outage?.endedAt !== null)
        outage = { startedAt: at, endedAt: null, replayed: 0, gap: false }
    },
    restored(at) {
      if (outage?.endedAt === null) outage = { ...outage, endedAt: at }
    },
    gap() {
      if (outage) outage = { ...outage, gap: true }
    },
    at(now) {
      const end = Math.floor(now / 1000)
      const beats = Array.from({ length: BEAT_SECONDS }, (_, i) => beatOf(end - BEAT_SECONDS + i))
      const recent = beats.slice(-RATE_SECONDS)
      const rate = (of: (beat: Beat) => number) =>
        recent.reduce((sum, beat) => sum + of(beat), 0) / RATE_SECONDS
      const gone = outage?.endedAt != null && outage.endedAt < now - BEAT_SECONDS * 1000
      return {
        beats,
        eventsPerSecond: rate((beat) => beat.events),
        bytesPerSecond: rate((beat) => beat.bytes),
        outage: gone ? null : outage,
      }
    },
  }
}

function isOut(outage: Outage | null, second: number): boolean {
  if (!outage) return false
  const from = outage.startedAt
  const to = outage.endedAt ?? Number.POSITIVE_INFINITY
  return (second + 1) * 1000 > from && second * 1000 < to
}
