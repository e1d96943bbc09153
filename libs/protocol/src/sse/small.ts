/**
 * The decoder for pages, where its size counts more than its time: `@downlink/protocol/sse/small`.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 *
 * Half of the code of `createDecoder`, by the plain way: all bytes become text at once, and its lines are read one
 * by one. Both make the same of any bytes, which tests hold. Its few small functions are written again and not
 * imported: shared with `createDecoder`, they slowed that one down.
 */
import { A, BOM, COLON, D, LF, SPACE, T } from './codes.ts'
import type { Decoder, DecoderOptions } from './decode.ts'
import { SseError } from './errors.ts'
import type { DecodedEvent } from './event.ts'
import type { TextDecoderConstructor, TextEncoderConstructor } from './read-text.ts'
import {
  BYTES_PER_UNIT,
  DEFAULT_MAX_EVENT_BYTES,
  HEAD_LENGTH,
  PIECE_LENGTH,
  PIECES,
} from './sizes.ts'

/** The type of an event that names none. */
const MESSAGE = 'message'

export type { DecodedEvent, DecoderOptions }

/** As `Decoder`, for bytes alone. */
export interface SmallDecoder extends Pick<Decoder, 'lastEventId'> {
  /** As `Decoder.push`. */
  push(chunk: Uint8Array): void
}

// No platform's types are needed to compile this.
declare const TextDecoder: TextDecoderConstructor
declare const TextEncoder: TextEncoderConstructor

/** As `createDecoder`, for bytes alone: a decoder for one response. */
export function createSmallDecoder({
  onEvent,
  onRetry,
  onComment,
  maxEventBytes = DEFAULT_MAX_EVENT_BYTES,
  lastEventId = '',
}: DecoderOptions): SmallDecoder {
  // It keeps the beginning of a character for the next bytes. A BOM is left to us: Deno takes it out of any chunk.
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  /** The most bytes of a line. */
  const longest = maxEventBytes + HEAD_LENGTH

  // The buffers of the standard, "interpreting an event stream".
  let idBuffer = lastEventId
  let eventType = MESSAGE
  let data: string | undefined

  /** The beginning of a line that has not ended. */
  let tail = ''
  /** What is passed over before the next line: a BOM at first, then the LF of a CR, or 0 for nothing. */
  let skip = BOM
  /** How many pieces were added to texts since those were last joined. */
  let pieces = 0
  let ended = false

  // A property and no getter, as in `createDecoder`.
  const decoder = {
    lastEventId,
    push(chunk: Uint8Array) {
      if (ended) throw new SseError('decoder-ended', 'This decoder has ended: create another.')
      ended = true
      readText(utf8.decode(chunk, { stream: true }))
      ended = false
    },
  }
  return decoder

  /** Both searches remember their last find, so each passes once over the text. */
  function readText(text: string): void {
    let at = 0
    let lf = -1
    let cr = -1
    while (at < text.length) {
      if (skip && text.charCodeAt(at) === skip) at++
      if (lf < at) lf = next(text, '\n', at)
      if (cr < at) cr = next(text, '\r', at)
      const end = Math.min(lf, cr)
      skip = end < lf ? LF : 0
      if (end === text.length) break
      if (tail) {
        const line = tail + text.slice(at, end)
        tail = ''
        readLine(line, 0, line.length)
      } else readLine(text, at, end)
      at = end + 1
      // A blank line mostly follows at once, and needs no search.
      if (end === lf && at < text.length && text.charCodeAt(at) === LF) {
        dispatch()
        at++
      }
    }
    tail += text.slice(at)
    if (tail.length > longest) throw tooLarge()
    countPiece()
  }

  /** One line, without its end: "process the field", or dispatch where it is blank. */
  function readLine(text: string, at: number, end: number): void {
    if (at === end) dispatch()
    else if (isDataLine(text, at)) addData(valueOf(text, at + 4, end))
    else readField(text.slice(at, end))
  }

  function readField(line: string): void {
    checkLength(line, longest)
    const colon = next(line, ':', 0)
    const name = line.slice(0, colon)
    const value = valueOf(line, colon, line.length)
    if (name === 'id') {
      if (!value.includes('\0')) idBuffer = value
    } else if (name === 'event') eventType = value || MESSAGE
    else if (name === 'data') addData(value)
    else if (name === '') onComment?.(value)
    else if (name === 'retry' && /^\d+$/.test(value)) onRetry?.(Number(value))
  }

  function addData(value: string): void {
    if (data === undefined) data = value
    else {
      data += '\n' + value
      countPiece()
    }
    if (data.length > maxEventBytes) throw tooLarge()
  }

  /** "Dispatch the event". */
  function dispatch(): void {
    const event = eventType
    const whole = data
    if (whole !== undefined) checkLength(whole, maxEventBytes)
    decoder.lastEventId = idBuffer
    eventType = MESSAGE
    data = undefined
    if (whole !== undefined) onEvent({ event, data: whole, id: idBuffer })
  }

  /** Throws if a text has more bytes than the limit. */
  function checkLength(text: string, limit: number): void {
    if (text.length * BYTES_PER_UNIT > limit && new TextEncoder().encode(text).length > limit) {
      throw tooLarge()
    }
  }

  /** From time to time sums of texts are made one: engines keep the parts until a character is asked for. */
  function countPiece(): void {
    const length = tail.length + (data?.length ?? 0)
    if (++pieces > PIECES + length / PIECE_LENGTH) {
      pieces = 0
      tail.charCodeAt(0)
      data?.charCodeAt(0)
    }
  }

  function tooLarge(): SseError {
    return new SseError('event-too-large', 'An event is over maxEventBytes: raise it.', {
      maxEventBytes,
    })
  }
}

/** The place of a character at or after `from`, or the length of the text. */
function next(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from)
  return at < 0 ? text.length : at
}

/** Whether a line begins with `data:`. Codes one by one: with `startsWith` a link takes up to 1.6 times as long. */
function isDataLine(text: string, at: number): boolean {
  return (
    text.charCodeAt(at) === D &&
    text.charCodeAt(at + 1) === A &&
    text.charCodeAt(at + 2) === T &&
    text.charCodeAt(at + 3) === A &&
    text.charCodeAt(at + 4) === COLON
  )
}

/** What follows a colon, without one space. */
function valueOf(text: string, colon: number, end: number): string {
  const at = colon + 1
  return text.slice(at < end && text.charCodeAt(at) === SPACE ? at + 1 : at, end)
}
