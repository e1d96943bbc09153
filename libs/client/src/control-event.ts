/**
 * What the server says to the link itself. Read by hand: the contract of the control events, with its schemas,
 * would be a fifteenth of the whole link.
 */
import { RESERVED_PREFIX, type Bye, type Dropped, type Hello } from '@downlink/protocol'
import type { DecodedEvent } from '@downlink/protocol/sse'

const OUTCOME = /^(fresh|resumed|gap)$/

/** At most one of them. */
export interface Control {
  readonly hello?: Hello
  readonly dropped?: Dropped
  readonly bye?: Bye
}

/** Whether an event is for the link itself, known to this version or not. */
export function isControlEvent({ event }: DecodedEvent): boolean {
  return event.startsWith(RESERVED_PREFIX)
}

/** What a control event says: nothing where it is broken, of a later version, or none. */
export function readControl({ event, data }: DecodedEvent): Control {
  try {
    const value = JSON.parse(data) as Hello & Dropped & Bye
    if (event === 'downlink.hello' && isCount(value.heartbeatMs) && OUTCOME.test(value.outcome)) {
      return { hello: value }
    }
    if (event === 'downlink.dropped' && isCount(value.count)) return { dropped: value }
    if (event === 'downlink.bye' && (value.reconnectMs === null || isCount(value.reconnectMs))) {
      return { bye: value }
    }
  } catch {
    // Broken: a control event that says nothing.
  }
  return {}
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0
}
