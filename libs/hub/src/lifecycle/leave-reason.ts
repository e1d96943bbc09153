/** Why a subscriber left: a named value, counted, logged and sent in `downlink.bye`. */
import { HubError } from '../errors.ts'

export const LEAVE_REASONS = [
  /** The client closed the connection. */
  'client',
  /** More was queued for it than its limit allows, or the log trimmed what it had still to read. */
  'too-slow',
  /** It has reached its maximum lifetime; the client may reconnect immediately. */
  'lifetime',
  /** The hub is closing. */
  'draining',
  /** All of its topics have ended. */
  'ended',
  /** The application ended the subscription, with this reason or with one of its own. */
  'dismissed',
  /** The log failed while its events were read. */
  'error',
] as const

export type LeaveReason = (typeof LEAVE_REASONS)[number]

export interface LeaveOptions {
  /**
   * Why, as the client and `Subscription.left` are told: lowercase letters, digits and inner hyphens, beginning with a
   * letter, at most 32 characters; not a reason that the hub itself uses. Counted as `dismissed`. Default `dismissed`.
   */
  readonly reason?: string
  /**
   * Whether the client should reconnect, on a new connection; the multiplexed format tells it when. On the plain
   * format an EventSource reconnects in any case. Default false.
   */
  readonly reconnect?: boolean
}

/** What a client is told when it leaves. */
export interface Farewell {
  readonly reason: string
  readonly reconnect: boolean
}

const CUSTOM_REASON = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/

/** @throws {HubError} `invalid-option` for a reason that is malformed or used by the hub. */
export function farewellOf({ reason = 'dismissed', reconnect = false }: LeaveOptions): Farewell {
  const isReserved = reason !== 'dismissed' && LEAVE_REASONS.some((known) => known === reason)
  if (isReserved || !CUSTOM_REASON.test(reason)) {
    throw new HubError(
      'invalid-option',
      `A subscription cannot leave for the reason ${JSON.stringify(reason)}: ${
        isReserved
          ? 'the hub uses it itself. Choose another name.'
          : 'use at most 32 lowercase letters, digits and inner hyphens, beginning with a letter.'
      }`,
      { option: 'reason' },
    )
  }
  return { reason, reconnect }
}

/** Whether a client that left for this reason should reconnect. */
export function shouldReconnect(reason: LeaveReason): boolean {
  return reason !== 'ended' && reason !== 'dismissed'
}

/** Whether a subscriber that leaves for this reason can still be written to. */
export function isWritable(reason: LeaveReason): boolean {
  return reason !== 'client' && reason !== 'too-slow'
}
