/** The error class of event logs. Hubs and publishers handle it by its code. */
import type { LeaseToken } from './event-log.ts'

/**
 * - `stale-lease`: the append carried a lease that is not held any more.
 * - `topic-ended`: the final event of the topic is in the log.
 * - `too-large`: the data is over the log's limit.
 * - `invalid`: a name, key, ttl, path or file that the log cannot accept.
 * - `timeout`: no answer in time. The outcome is unknown: retry with the same idempotency key.
 * - `unavailable`: the log cannot be reached, or too many appends are pending.
 * - `full`: the disk or memory of the log is full. Nothing was stored; reading works.
 * - `closed`: the log was closed.
 */
export type LogErrorCode =
  | 'stale-lease'
  | 'topic-ended'
  | 'too-large'
  | 'invalid'
  | 'timeout'
  | 'unavailable'
  | 'full'
  | 'closed'

export class LogError extends Error {
  override readonly name = 'LogError'
  readonly code: LogErrorCode

  constructor(code: LogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export function staleLease({ name, token }: LeaseToken): LogError {
  return new LogError(
    'stale-lease',
    `The lease ${JSON.stringify(name)} with token ${token} is not held any more: take it again before appending.`,
  )
}

export function topicEnded(topic: string): LogError {
  return new LogError(
    'topic-ended',
    `${topic} has ended: its final event is in the log. Use another topic.`,
  )
}
