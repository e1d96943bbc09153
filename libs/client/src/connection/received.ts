/**
 * What came over the wire: an event of a topic, or what the server says to the link itself. The latter is read by
 * hand: the contract of the control events, with its schemas, would be a fifteenth of the whole link.
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

/** An event of a topic, or one of the control events; neither where it is broken, or of a later version. */
export interface Received extends DecodedEvent {
  /** Of an event of a topic, whose `event` is the name within it. */
  readonly topic?: string | undefined
  readonly hello?: Hello
  readonly refused?: Refused
  readonly dropped?: Dropped
  readonly bye?: Bye
}

export function receive(decoded: DecodedEvent): Received {
  const { event, data } = decoded
  if (!event.startsWith(RESERVED_PREFIX)) return { ...decoded, ...parseEventName(event) }
  try {
    const value = JSON.parse(data) as Hello & Refused & Dropped & Bye
    if (event === 'downlink.hello' && isCount(value.heartbeatMs) && OUTCOME.test(value.outcome)) {
      return { ...decoded, hello: value }
    }
    if (event === 'downlink.refused' && isString(value.topic) && isString(value.reason)) {
      return { ...decoded, refused: value }
    }
    if (event === 'downlink.dropped' && Number.isSafeInteger(value.count))
      return { ...decoded, dropped: value }
    if (event === 'downlink.bye' && (value.reconnectMs === null || isCount(value.reconnectMs))) {
      return { ...decoded, bye: value }
    }
  } catch {
    // Broken: a control event that says nothing.
  }
  return decoded
}

function isString(value: unknown): boolean {
  return typeof value === 'string'
}

/** Any size, Infinity included: the connection limits what it takes from it. */
function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0
}
