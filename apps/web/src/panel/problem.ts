// What could not be read of a topic: how often, and why the last time.
import type { UnpackFailure } from '@downlink/protocol'

export interface Problem {
  readonly count: number
  readonly reason: string
}

/** The peer's words may be of any length: a line of them is enough to find the cause. */
const MAX_REASON_LENGTH = 160

export function addFailure(before: Problem | null, failure: UnpackFailure): Problem {
  const where = failure.path === '' ? failure.event : `${failure.event}, ${failure.path}`
  const reason = `${where}: ${failure.reason}`.slice(0, MAX_REASON_LENGTH)
  return { count: (before?.count ?? 0) + 1, reason }
}
