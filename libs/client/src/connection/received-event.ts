/**
 * A decoded event as either an event of a topic or a control event of the server. Control events are checked by hand:
 * their contract with its schemas would add a fifteenth to the size of a link.
 */
import {
  parseEventName,
  RESERVED_PREFIX,
  type Bye,
  type Dropped,
  type Hello,
  type Refused,
} from '@downlink/protocol'
import type { DecodedEvent } from '@downlink/protocol/sse'

const OUTCOME = /^(fresh|resumed|gap)$/

/** At most one of these fields is present. A control event that is malformed, or of a later version, has none. */
export interface ReceivedEvent extends DecodedEvent {
  /** Present for an event of a topic. `event` is then the name within the topic. */
  readonly topic?: string | undefined
  readonly hello?: Hello
  readonly refused?: Refused
  readonly dropped?: Dropped
  readonly bye?: Bye
}

export function toReceivedEvent(decoded: DecodedEvent): ReceivedEvent {
  const { event, data } = decoded
  if (!event.startsWith(RESERVED_PREFIX)) return { ...decoded, ...parseEventName(event) }
  try {
    const value = JSON.parse(data) as Hello & Refused & Dropped & Bye
    if (event === 'downlink.hello' && isAmount(value.heartbeatMs) && OUTCOME.test(value.outcome)) {
      return { ...decoded, hello: value }
    }
    if (event === 'downlink.refused' && isString(value.topic) && isString(value.reason)) {
      return { ...decoded, refused: value }
    }
    if (event === 'downlink.dropped' && Number.isSafeInteger(value.count)) {
      return { ...decoded, dropped: value }
    }
    if (event === 'downlink.bye' && (value.reconnectMs === null || isAmount(value.reconnectMs))) {
      return { ...decoded, bye: value }
    }
  } catch {
    // A malformed control event is ignored.
  }
  return decoded
}

function isString(value: unknown): boolean {
  return typeof value === 'string'
}

/** Accepts any size, Infinity included: the connection limits what it uses. */
function isAmount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0
}
