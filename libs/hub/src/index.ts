/** Fan-out for Server-Sent Events: topics, replay, bounded subscribers. */
export { systemClock } from './clock.ts'
export type { Clock } from './clock.ts'
export type { HubCounters } from './counters.ts'
export type { DrainOptions } from './lifecycle/drain.ts'
export { HubError } from './errors.ts'
export type { HubErrorCode, HubErrorFacts } from './errors.ts'
export type {
  EventLog,
  GapReason,
  LogEntry,
  LogFollower,
  LogPage,
  NewEvent,
} from './log/event-log.ts'
export type { Batch, StreamFormat } from './delivery/frames.ts'
export { createHub } from './hub.ts'
export type { Hub, SubscribeRequest, Subscription, SubscriptionProgress } from './hub.ts'
export type { RefusedTopic, Start, TopicRequest } from './catch-up/catch-up.ts'
export { LEAVE_REASONS } from './lifecycle/leave-reason.ts'
export type { LeaveReason } from './lifecycle/leave-reason.ts'
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
