/**
 * The stream that a server sends if it cannot serve the requested one: it says when to reconnect, and ends. A browser's
 * EventSource does not reconnect after 429 or 503, so a server that is full responds with 200 and this stream.
 */
import { control, pack } from '@downlink/protocol'
import { encodeComment, encodeEvent } from '@downlink/protocol/sse'
import type { StreamFormat } from '../delivery/frames.ts'

export interface Refusal {
  readonly format: StreamFormat
  /** Sent in `downlink.bye`, which only the multiplexed format has. */
  readonly reason: string
  /** When to reconnect, in whole milliseconds from now. Vary it, so that refused clients do not reconnect together. */
  readonly reconnectMs: number
  /** Sent as a comment, for debugging with tools that show the raw stream, such as curl. */
  readonly detail: string
}

/**
 * The whole stream as text: the detail, `retry`, and on the multiplexed format `downlink.bye`.
 *
 * @throws {ContractError} `invalid-data` for a `reconnectMs` that is not a whole number from 0.
 */
export function encodeRefusal({ format, reason, reconnectMs, detail }: Refusal): string {
  const head = encodeComment(detail) + encodeEvent({ retry: reconnectMs })
  if (format === 'plain') return head
  return head + encodeEvent(pack(control, 'downlink.bye', { reason, reconnectMs }))
}
