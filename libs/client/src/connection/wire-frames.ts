/** The wire text as it was received, cut at blank lines, comments included. Loaded only if the link has `onFrame`. */
import type { Clock } from '@downlink/protocol'

/** One block of the stream: an event, a comment or a single field, with the blank line that ends it. */
export interface WireFrame {
  /** The text exactly as received. Bytes that are not valid UTF-8 appear as U+FFFD. */
  readonly text: string
  /** The length in bytes, after any content encoding was decoded. */
  readonly bytes: number
  /** When the last byte was received, in milliseconds since 1970. */
  readonly receivedAt: number
}

const BLANK_LINE = /\r\n(?:\r\n|\r|\n)|\n(?:\r\n|\r|\n)|\r(?!\n)(?:\r\n|\r|\n)/g
/** A frame without end is delivered in pieces of about this size, so that the pending text is bounded. */
const MAX_PENDING_CHARACTERS = 65_536

/** Cuts the chunks of one response into frames. A frame that is incomplete when the response ends is not delivered. */
export function createFrameCutter(
  clock: Clock,
  onFrame: (frame: WireFrame) => void,
): (chunk: Uint8Array) => void {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  const encoder = new TextEncoder()
  let pending = ''

  return (chunk) => {
    pending += utf8.decode(chunk, { stream: true })
    let start = 0
    for (const { index, 0: blankLine } of pending.matchAll(BLANK_LINE)) {
      const end = index + blankLine.length
      deliver(pending.slice(start, end))
      start = end
    }
    pending = pending.slice(start)
    if (pending.length > MAX_PENDING_CHARACTERS) {
      deliver(pending)
      pending = ''
    }
  }

  function deliver(text: string): void {
    onFrame({ text, bytes: encoder.encode(text).length, receivedAt: clock.dateMs() })
  }
}
