/**
 * The stream that a server sends instead of the one asked for: it says when to come back, and ends. A browser's
 * EventSource does not reconnect after 429 or 503, so a server without room answers with 200 and this stream.
 */
import { control, pack } from '@downlink/protocol'
import { encodeComment, encodeEvent } from '@downlink/protocol/sse'
import type { StreamFormat } from '../delivery/frames.ts'

export interface Refusal {
  readonly format: StreamFormat
  /** Sent in `downlink.bye`, which only the multiplexed format has. */
  readonly reason: string
  /** When to come back, in whole milliseconds from now. Vary it: clients refused together must not return together. */
  readonly reconnectMs: number
  /** Sent as a comment, for readers of the raw stream. */
  readonly detail: string
}

/**
 * The whole stream as text: the detail, `retry`, and on the multiplexed format `downlink.bye`.
 *
 * @throws {ContractError} `invalid-data` for a `reconnectMs` that is not a whole number from 0.
 */
export function encodeRefusal({ format, reason, reconnectMs, detail }: Refusal): string {
  const opening = encodeComment(detail) + encodeEvent({ retry: reconnectMs })
  if (format === 'plain') return opening
  return opening + encodeEvent(pack(control, 'downlink.bye', { reason, reconnectMs }))
}
