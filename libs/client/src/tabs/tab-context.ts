/** What the leader and the follower part of a tab have in common. */
import { parseEventId } from '@downlink/protocol'
import type { ConnectionListener } from '../connection/connection.ts'
import type { ReceivedEvent } from '../connection/received-event.ts'
import type { Settings } from '../options.ts'
import type { FollowerMessage, LeaderMessage } from './messages.ts'

export interface TabContext {
  readonly settings: Settings
  /** Identifies this tab among the others. */
  readonly tabId: string
  /** The listener of this tab's own link. */
  readonly listener: ConnectionListener
  /**
   * Delivers events to this tab's link, except those of topics that are not active. `firstNumber` is the number of the first
   * event: on the plain format, events that the tab has received before are skipped.
   */
  readonly deliver: (
    events: readonly ReceivedEvent[],
    lastEventId: string,
    firstNumber: number,
  ) => void
  /** The number of the last event that this tab received. 0 before the first. */
  readonly lastNumber: () => number
  /** The id of the last event that this tab received. Empty before the first. */
  readonly lastEventId: () => string
  /** The topics of which this tab has not received the start. */
  readonly missingTopics: () => string[]
  /** The connection requests these topics from now on, from their start where this tab needs it. */
  readonly setActiveTopics: (topics: readonly string[]) => void
  /** The name of the lock that a tab holds while it exists. */
  readonly lockOf: (tabId: string) => string
  /** Sends a message to the other tabs. */
  readonly broadcast: (message: LeaderMessage | FollowerMessage) => void
}

/** Whether event ID `a` is known to come before `b`: both are of the same epoch. */
export function isBefore(a: string, b: string): boolean {
  const [left, right] = [parseEventId(a), parseEventId(b)]
  return left !== undefined && left.epoch === right?.epoch && left.seq < right.seq
}

/** The earlier event ID. `a` if they cannot be compared, unless it is empty. */
export function earlier(a: string, b: string): string {
  return a === '' || isBefore(b, a) ? b : a
}
