/** Where a subscriber wants to continue. */
import { parseEventId, type EventId } from '@downlink/protocol'
import type { TopicGapReason } from '../log/event-log.ts'

/** Why the events after an id cannot all be sent. */
export type GapReason =
  /** The id is malformed. */
  | 'bad-id'
  /** The log has started a new history since. */
  | 'unknown-epoch'
  /** No event has this id yet. */
  | 'future'
  | TopicGapReason

export type ResumePoint =
  | { readonly kind: 'new' }
  | { readonly kind: 'after'; readonly id: EventId }
  | { readonly kind: 'gap'; readonly reason: GapReason }

/** Reads a Last-Event-ID. A missing or empty one is a new subscriber; a malformed one is a gap. */
export function parseResumePoint(lastEventId: string | undefined): ResumePoint {
  if (lastEventId === undefined || lastEventId === '') return { kind: 'new' }
  const id = parseEventId(lastEventId)
  return id ? { kind: 'after', id } : { kind: 'gap', reason: 'bad-id' }
}
