/** The wire as it was received, cut at blank lines: for those who want to see it, comments and all. */

import type { Clock } from '@downlink/protocol'

/** One block of the stream: an event, a comment or a bare field, with the blank line that ended it. */
export interface WireFrame {
  /** The text exactly as received; bytes that are not UTF-8 show as U+FFFD. */
  readonly text: string
  /** Its length on the wire after any content coding was undone. */
  readonly bytes: number
  /** When its last byte was received, in milliseconds since 1970. */
  readonly receivedAt: number
}

const BLANK_LINE = /\r\n(?:\r\n|\r|\n)|\n(?:\r\n|\r|\n)|\r(?!\n)(?:\r\n|\r|\n)/g
/** A frame that never ends is shown in pieces of this many characters, so that the tap holds no more. */
const MAX_HELD_CHARACTERS = 65_536

/** Cuts the chunks of one response into frames; what is unfinished at its end is not shown. */
export function createFrameCutter(
  clock: Clock,
  onFrame: (frame: WireFrame) => void,
): (chunk: Uint8Array) => void {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  const encoder = new TextEncoder()
  let held = ''

  return (chunk) => {
    held += utf8.decode(chunk, { stream: true })
    let start = 0
    for (const { index, 0: end } of held.matchAll(BLANK_LINE)) {
      frame(held.slice(start, index + end.length))
      start = index + end.length
    }
    held = held.slice(start)
    if (held.length > MAX_HELD_CHARACTERS) {
      frame(held)
      held = ''
    }
  }

  function frame(text: string): void {
    onFrame({ text, bytes: encoder.encode(text).length, receivedAt: clock.dateMs() })
  }
}
