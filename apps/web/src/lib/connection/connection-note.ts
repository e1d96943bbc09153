// What is written down of a connection that is lost, and of one that is back.
import type { LinkStatus } from '@downlink/client'

export interface ConnectionNote {
  readonly kind: 'lost' | 'back'
  readonly text: string
}

/** For a change from an outage since `before` to one since `lostAt`; null stands for none. */
export function noteOf(
  status: LinkStatus,
  before: number | null,
  lostAt: number | null,
  at: number,
): ConnectionNote | null {
  if (before === null && lostAt !== null) {
    const why = status.state === 'reconnecting' ? status.reason.message : 'the device is offline'
    return { kind: 'lost', text: why }
  }
  if (before !== null && lostAt === null && status.state === 'live') {
    return { kind: 'back', text: `after ${((at - before) / 1000).toFixed(1)} s` }
  }
  return null
}
