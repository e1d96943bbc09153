// The connection's last two minutes, second by second: events, replayed events, bytes and outages.

export const ACTIVITY_SECONDS = 120

/** What happened in one second. */
export interface Activity {
  readonly events: number
  readonly replayed: number
  readonly bytes: number
  /** There was an outage, and no event. */
  readonly isOutage: boolean
}

export interface ActivityReport {
  /** Always 120 seconds, oldest first. The last one has just ended. */
  readonly seconds: readonly Activity[]
  /** Averages over the last five whole seconds. */
  readonly eventsPerSecond: number
  readonly bytesPerSecond: number
  /** The newest outage of the two minutes. */
  readonly outage: Outage | null
}

export interface Outage {
  readonly startedAt: number
  /** Null during the outage. */
  readonly endedAt: number | null
  readonly replayed: number
  /** The server could not replay all missed events. */
  readonly gap: boolean
}

export interface ActivityLog {
  event(at: number, replayed: boolean): void
  bytes(at: number, count: number): void
  lost(at: number): void
  restored(at: number): void
  /** The events of the newest outage are lost. */
  gap(): void
  /** The two minutes before `now`. */
  report(now: number): ActivityReport
}

const RATE_SECONDS = 5
const NOTHING: Activity = { events: 0, replayed: 0, bytes: 0, isOutage: false }

/** Keeps two minutes in a fixed number of slots and overwrites older seconds. */
export function createActivityLog(): ActivityLog {
  const slots = Array.from({ length: ACTIVITY_SECONDS + 1 }, () => ({ ...NOTHING, second: -1 }))
  let outage: Outage | null = null

  const slotOf = (second: number) => slots[second % slots.length] as (typeof slots)[number]
  const slotAt = (at: number) => {
    const second = Math.floor(at / 1000)
    const slot = slotOf(second)
    if (slot.second !== second) Object.assign(slot, NOTHING, { second })
    return slot
  }
  const activityOf = (second: number): Activity => {
    const slot = slotOf(second)
    const { events, replayed, bytes } = slot.second === second ? slot : NOTHING
    return { events, replayed, bytes, isOutage: events === 0 && overlaps(outage, second) }
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
    report(now) {
      const first = Math.floor(now / 1000) - ACTIVITY_SECONDS
      const seconds = Array.from({ length: ACTIVITY_SECONDS }, (_, i) => activityOf(first + i))
      const recent = seconds.slice(-RATE_SECONDS)
      const rate = (count: (second: Activity) => number) =>
        recent.reduce((sum, second) => sum + count(second), 0) / RATE_SECONDS
      const isOld = outage?.endedAt != null && outage.endedAt < now - ACTIVITY_SECONDS * 1000
      return {
        seconds,
        eventsPerSecond: rate((second) => second.events),
        bytesPerSecond: rate((second) => second.bytes),
        outage: isOld ? null : outage,
      }
    },
  }
}

function overlaps(outage: Outage | null, second: number): boolean {
  if (!outage) return false
  const endedAt = outage.endedAt ?? Number.POSITIVE_INFINITY
  return (second + 1) * 1000 > outage.startedAt && second * 1000 < endedAt
}
