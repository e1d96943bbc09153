// The journal's notes about a connection that was lost or is back.
import type { LinkStatus } from '@downlink/client'

export interface ConnectionNote {
  readonly kind: 'lost' | 'back'
  readonly text: string
}

/**
 * The note for a change of status at `at`. `before` and `lostAt` say since when there has been an outage, before and after
 * the change; null stands for none.
 */
export function noteOf(
  status: LinkStatus,
  before: number | null,
  lostAt: number | null,
  at: number,
): ConnectionNote | null {
  if (before === null && lostAt !== null) {
    return { kind: 'lost', text: reasonOf(status) }
  }
  if (before !== null && lostAt === null && status.state === 'live') {
    return { kind: 'back', text: `after ${((at - before) / 1000).toFixed(1)} s` }
  }
  return null
}

function reasonOf(status: LinkStatus): string {
  if (status.state === 'reconnecting') return status.reason.message
  return status.state === 'failed' ? status.error.message : 'The device is offline.'
}
