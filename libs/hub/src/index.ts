/** Fan-out for Server-Sent Events: topics, replay, bounded subscribers. */
export { systemClock } from './clock.ts'
export type { Clock } from './clock.ts'
export type { HubCounters } from './counters.ts'
export type { DrainOptions } from './lifecycle/drain.ts'
export { HubError } from './errors.ts'
export type { HubErrorCode, HubErrorFacts } from './errors.ts'
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
export type { Batch, StreamFormat } from './delivery/frames.ts'
export { createHub } from './hub.ts'
export type {
  Hub,
  PublishOptions,
  SubscribeRequest,
  Subscription,
  SubscriptionProgress,
} from './hub.ts'
export type { GapReason, RefusedTopic, Start, TopicRequest } from './catch-up/catch-up.ts'
export { LEAVE_REASONS } from './lifecycle/leave-reason.ts'
export type { LeaveReason } from './lifecycle/leave-reason.ts'
export { mergeTopics } from './log/merge-topics.ts'
export type { Merged, TopicCursor } from './log/merge-topics.ts'
export { createMemoryLog } from './log/memory-log.ts'
export type { MemoryLogOptions } from './log/memory-log.ts'
export { createNodeSink, EVENT_STREAM_HEADERS } from './node/node-sink.ts'
export type { NodeSinkOptions } from './node/node-sink.ts'
export type { HubOptions } from './options.ts'
export { inTurn } from './node/pipelining.ts'
export { encodeRefusal } from './lifecycle/refusal.ts'
export type { Refusal } from './lifecycle/refusal.ts'
export type { Sink, SinkListener } from './delivery/sink.ts'
export type { Source, SourceControls, SourceOptions } from './sources/sources.ts'
