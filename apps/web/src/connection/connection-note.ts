// What is written down of a connection that is lost, and of one that is back.
import type { LinkStatus } from '@downlink/client'

export interface ConnectionNote {
  readonly kind: 'lost' | 'back'
  readonly text: string
}

/** For a change from an outage since `before` to one since `lostAt`, which lasts while the link has given up; null stands for none. */
export function noteOf(
  status: LinkStatus,
  before: number | null,
  lostAt: number | null,
  at: number,
): ConnectionNote | null {
  if (before === null && lostAt !== null) {
    return { kind: 'lost', text: whyLost(status) }
  }
  if (before !== null && lostAt === null && status.state === 'live') {
    return { kind: 'back', text: `after ${((at - before) / 1000).toFixed(1)} s` }
  }
  return null
}

function whyLost(status: LinkStatus): string {
  if (status.state === 'reconnecting') return status.reason.message
  return status.state === 'failed' ? status.error.message : 'the device is offline'
}
