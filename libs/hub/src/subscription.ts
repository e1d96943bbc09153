/** What `Hub.subscribe` takes and returns. */
import type { ResumeOutcome } from '@downlink/protocol'
import type { RefusedTopic, TopicRequest } from './catch-up/topic-request.ts'
import type { StreamFormat } from './delivery/frames.ts'
import type { Sink } from './delivery/sink.ts'
import { bufferedBytesOf, type Subscriber } from './delivery/subscriber.ts'
import { HubError } from './errors.ts'
import type { LeaveOptions } from './lifecycle/leave-reason.ts'

export interface SubscribeRequest {
  readonly sink: Sink
  /** At least one; on the plain format exactly one. */
  readonly topics: readonly TopicRequest[]
  /**
   * Topics that the client asked for and does not get: each is reported with `downlink.refused`. Only on the
   * multiplexed format. If no topic can be served, respond with 404 or 403 instead.
   */
  readonly refused?: readonly RefusedTopic[]
  /** The id of the last event that the client received; without one, or with an empty one, it is a new subscriber. */
  readonly lastEventId?: string | undefined
  /** Default `plain`. */
  readonly format?: StreamFormat
  /** Aborting it has the effect of `Subscription.leave()`, also if it was aborted before. */
  readonly signal?: AbortSignal
}

export interface Subscription {
  /**
   * The outcome of the last event ID, once it is known; undefined if the subscriber left before. The plain format does
   * not report a gap to the client.
   */
  readonly outcome: Promise<ResumeOutcome | undefined>
  /**
   * Why the subscriber left, once it has: one of `LEAVE_REASONS`, or the reason that was passed to `leave`. Never
   * rejects.
   */
  readonly left: Promise<string>
  /**
   * Sends what is pending, then `downlink.bye` on the multiplexed format, and ends the stream. A subscriber that is
   * catching up first receives what it missed, for at most `endGraceMs`; after that, the stream ends with its catch-up
   * incomplete.
   *
   * @throws {HubError} `invalid-option` for a reason that is malformed or that the hub itself uses.
   */
  leave(options?: LeaveOptions): void
  /** What was sent to this subscriber so far. */
  progress(): SubscriptionProgress
}

export interface SubscriptionProgress {
  readonly events: number
  /** Bytes of frames, without those of HTTP. */
  readonly bytes: number
  /** Events of topics that conflate for which the subscriber was too slow. */
  readonly dropped: number
  /** Bytes buffered for it now: in its queue, behind its catch-up, before the next flush, and in its sink. */
  readonly queuedBytes: number
}

/** @throws {HubError} `no-topics`, `too-many-topics`, `invalid-option` for `refused` on the plain format. */
export function checkRequest({ topics, refused = [], format }: SubscribeRequest): void {
  if (topics.length === 0) {
    throw new HubError('no-topics', 'A subscription needs a topic: name at least one.')
  }
  if (format === 'multiplexed') return
  if (topics.length > 1) {
    throw new HubError(
      'too-many-topics',
      `A plain stream carries one topic, not ${topics.length}. Use the multiplexed format for several topics.`,
      { limit: 1, actual: topics.length },
    )
  }
  if (refused.length > 0) {
    throw new HubError(
      'invalid-option',
      'A plain stream cannot report refused topics. Respond with 404 or 403, or use the multiplexed format.',
      { option: 'refused' },
    )
  }
}

export function progressOf(subscriber: Subscriber): SubscriptionProgress {
  const { events, bytes, dropped, memberIndex, group } = subscriber
  const pendingBytes = memberIndex >= 0 ? group.pendingBytes : 0
  return { events, bytes, dropped, queuedBytes: bufferedBytesOf(subscriber) + pendingBytes }
}
