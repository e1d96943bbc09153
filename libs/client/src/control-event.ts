/**
 * What the server says to the link itself. Read by hand: the contract of the control events, with its schemas,
 * would be a fifteenth of the whole link.
 */
import { RESERVED_PREFIX, type Bye, type Dropped, type Hello } from '@downlink/protocol'
import type { DecodedEvent } from '@downlink/protocol/sse'

export type ControlEvent =
  | { readonly event: 'downlink.hello'; readonly data: Hello }
  | { readonly event: 'downlink.dropped'; readonly data: Dropped }
  | { readonly event: 'downlink.bye'; readonly data: Bye }

/** Whether an event is for the link itself, known to this version or not. */
export function isControlEvent({ event }: DecodedEvent): boolean {
  return event.startsWith(RESERVED_PREFIX)
}

/** The control event, or undefined for any other: also one that is broken, or of a later version. */
export function readControl({ event, data }: DecodedEvent): ControlEvent | undefined {
  try {
    const value = JSON.parse(data) as Partial<Hello & Dropped & Bye>
    const known =
      event === 'downlink.hello'
        ? isCount(value.heartbeatMs) && /^(?:fresh|resumed|gap)$/.test(value.outcome ?? '')
        : event === 'downlink.dropped'
          ? isCount(value.count)
          : event === 'downlink.bye' && (value.reconnectMs === null || isCount(value.reconnectMs))
    return known ? ({ event, data: value } as ControlEvent) : undefined
  } catch {
    return undefined
  }
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0
}
