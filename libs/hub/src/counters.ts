/** What the hub counts, for metrics. */
import type { ResumeOutcome } from '@downlink/protocol'
import { LEAVE_REASONS, type LeaveReason } from './lifecycle/leave-reason.ts'

export interface HubCounters {
  /** Subscribers now, those still being brought up to date among them. */
  subscribers: number
  /** Subscribers that left, by reason; those that a closing hub refused count as `draining`. */
  left: Record<LeaveReason, number>
  /** Subscriptions that began, by what became of their last event id. */
  resumes: Record<ResumeOutcome, number>
  /** Events published through this hub's log. */
  events: number
  /** Events handed to sinks, replayed ones among them. */
  deliveries: number
  /** Events that were read back from the log for one subscriber. */
  replayed: number
  /** Events of `latest` topics that slow readers were not given. */
  dropped: number
  /** Writes to sinks; far fewer than deliveries where events come in bursts. */
  writes: number
}

export function createCounters(): HubCounters {
  return {
    subscribers: 0,
    left: Object.fromEntries(LEAVE_REASONS.map((reason) => [reason, 0])) as HubCounters['left'],
    resumes: { fresh: 0, resumed: 0, gap: 0 },
    events: 0,
    deliveries: 0,
    replayed: 0,
    dropped: 0,
    writes: 0,
  }
}
