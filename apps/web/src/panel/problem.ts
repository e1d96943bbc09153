// Events of a topic that could not be read: how many, and why the last one.
import type { UnpackFailure } from '@downlink/protocol'

export interface Problem {
  readonly count: number
  readonly reason: string
}

/** The reason quotes the peer's data, which may be of any length. */
const MAX_REASON_LENGTH = 160

export function addFailure(before: Problem | undefined, failure: UnpackFailure): Problem {
  const where = failure.path === '' ? failure.event : `${failure.event}, ${failure.path}`
  const reason = `${where}: ${failure.reason}`.slice(0, MAX_REASON_LENGTH)
  return { count: (before?.count ?? 0) + 1, reason }
}
