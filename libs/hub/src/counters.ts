/** The hub's counters, for metrics. */
import type { ResumeOutcome } from '@downlink/protocol'
import { LEAVE_REASONS, type LeaveReason } from './lifecycle/leave-reason.ts'

export interface HubCounters {
  /** Subscribers now, including those that are catching up. */
  subscribers: number
  /** Subscribers that left, by reason. Those that a closing hub refused count as `draining`. */
  left: Record<LeaveReason, number>
  /** Subscriptions by the outcome of their last event ID. */
  resumes: Record<ResumeOutcome, number>
  /** Events published through this hub's log. */
  events: number
  /** Events handed to sinks, including those read from the log. */
  deliveries: number
  /** Events that were read from the log for one subscriber. */
  replayed: number
  /** Events that slow subscribers were not sent, of topics that conflate. */
  dropped: number
  /** Writes to sinks; far fewer than deliveries if events come in bursts. */
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
