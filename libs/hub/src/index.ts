/**
 * Fan-out for Server-Sent Events: topics, catch-up, limited queues. Runs in any JavaScript runtime; `@downlink/hub/node`
 * connects it to Node's HTTP servers.
 */
export type { GapReason } from './catch-up/resume-point.ts'
export type { RefusedTopic, Start, TopicRequest } from './catch-up/topic-request.ts'
export { afterTick, systemClock } from './clock.ts'
export type { AfterTick } from './clock.ts'
export type { HubCounters } from './counters.ts'
export type { StreamFormat } from './delivery/frames.ts'
export { EVENT_STREAM_HEADERS } from './delivery/headers.ts'
export type { EndOptions, Sink, SinkListener } from './delivery/sink.ts'
export { HubError } from './errors.ts'
export type { HubErrorCode, HubErrorFacts } from './errors.ts'
export { createHub } from './hub.ts'
export type { Hub, PublishOptions } from './hub.ts'
export type { DrainOptions } from './lifecycle/drain.ts'
export { LEAVE_REASONS } from './lifecycle/leave-reason.ts'
export type { LeaveOptions, LeaveReason } from './lifecycle/leave-reason.ts'
export { encodeRefusal } from './lifecycle/refusal.ts'
export type { Refusal } from './lifecycle/refusal.ts'
export { checkAppend } from './log/check-append.ts'
export type {
  Appended,
  AppendOptions,
  EventLog,
  HistoryLimits,
  Lease,
  LeaseToken,
  LogEntry,
  LogFollower,
  LogPage,
  NewEvent,
  ReadLimit,
  TopicGapReason,
} from './log/event-log.ts'
export { createLeases } from './log/leases.ts'
export type { Leases, LeasesOptions } from './log/leases.ts'
export { LogError, staleLease, topicEnded } from './log/log-error.ts'
export type { LogErrorCode } from './log/log-error.ts'
export { mergeTopics } from './log/merge-topics.ts'
export type { Merged, TopicCursor } from './log/merge-topics.ts'
export { createMemoryLog } from './log/memory-log.ts'
export type { MemoryLogOptions } from './log/memory-log.ts'
export type { HubOptions } from './options.ts'
export type { Source, SourceControls, SourceOptions } from './sources/sources.ts'
export type { SubscribeRequest, Subscription, SubscriptionProgress } from './subscription.ts'
