/** What a subscriber asks for, topic by topic. */
import type { Stream } from '@downlink/protocol'

/**
 * What a new subscriber of a topic receives first, and a client after a gap: nothing from the log (`live`), the newest
 * event of each event name (`latest`), or all events that are kept (`history`).
 */
export type Start = 'live' | 'latest' | 'history'

export interface TopicRequest {
  /** The contract. The subscriber receives only events that it defines: see `pickEvents` of `@downlink/protocol`. */
  readonly stream: Stream
  /** Default `live`. The event that ended a topic is sent in any case. */
  readonly start?: Start
  /**
   * The client has no event of this topic yet: the topic begins with its `start`, also when the other topics resume
   * after the last event ID. Default false.
   */
  readonly added?: boolean
  /**
   * With `latest`: the age in milliseconds above which a value is not sent, one for all events or one by event name.
   * Default: no limit, also for a name without an entry.
   */
  readonly latestMaxAgeMs?: number | Readonly<Record<string, number>>
}

/** A topic that the client asked for and that this connection does not carry. */
export interface RefusedTopic {
  readonly topic: string
  /** `unknown` for a topic that does not exist, `forbidden` for one that this client may not read, or another word. */
  readonly reason: string
}

/** The topics among the requests that have this `start`. */
export function topicsWith(requests: readonly TopicRequest[], wanted: Start): string[] {
  return requests.filter(({ start }) => start === wanted).map(({ stream }) => stream.topic)
}
