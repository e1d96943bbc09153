/**
 * Reads a `text/event-stream` from chunks of any size, bytes or text.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 *
 * The hot path, so one file. Bytes become text by whole lines: one long decoding is far cheaper than many
 * short ones, line ends are found by the engine's own search, and values are slices of that text. Of a
 * line that chunks share, only that line is put together: small pieces as bytes, long ones as text.
 *
 * In its loops character codes are numbers, 10 for LF, 13 for CR, 32 for the space, 58 for the colon, 100 for
 * the d of data: a module's constants are loaded anew at each use, and Node took a twentieth more for them.
 */
import { BOM, NON_ASCII } from './codes.ts'
import { SseError } from './errors.ts'
import type { DecodedEvent } from './event.ts'
import { readText, type TextDecoderConstructor, type TextEncoderConstructor } from './read-text.ts'
import {
  BYTES_PER_UNIT,
  DEFAULT_MAX_EVENT_BYTES,
  HEAD_LENGTH,
  PIECE_LENGTH,
  PIECES,
  SHORT_BYTES,
} from './sizes.ts'

declare const TextDecoder: TextDecoderConstructor
declare const TextEncoder: TextEncoderConstructor

/** The type of an event that names none. */
const MESSAGE = 'message'

export interface DecoderOptions {
  /** Called for each event, at the end of its blank line. */
  readonly onEvent: (event: DecodedEvent) => void
  /**
   * Called with a new reconnection time in milliseconds, at the end of its own line. It may be any
   * size, Infinity included: clamp it before it reaches a timer.
   */
  readonly onRetry?: ((retryMs: number) => void) | undefined
  /** Called with each comment line, without its colon and one following space. */
  readonly onComment?: ((text: string) => void) | undefined
  /**
   * The most UTF-8 bytes that the data of one event may have: 32 MiB by default. Any line may have 8
   * more, for its name. Beyond that `push` throws; memory stays within a small multiple of it.
   */
  readonly maxEventBytes?: number | undefined
  /** The last event ID string to begin with: that of the connection before. Empty by default. */
  readonly lastEventId?: string | undefined
}

export interface Decoder {
  /**
   * Takes the next chunk, which may be reused afterwards, and calls the handlers for all that it
   * completes. What is unfinished when a stream ends is dropped, as the standard says: there is
   * nothing to flush. An exception of a handler passes through and ends the decoder.
   *
   * @throws {SseError} `event-too-large` beyond `maxEventBytes`; `decoder-ended` after any exception,
   *   and when called by a handler.
   */
  push(chunk: Uint8Array | string): void
  /** The last event ID string: what `Last-Event-ID` carries on the next connection. */
  readonly lastEventId: string
}

/** A decoder for one response: each new connection needs a new one, with the `lastEventId` of the old. */
export function createDecoder({
  onEvent,
  onRetry,
  onComment,
  maxEventBytes = DEFAULT_MAX_EVENT_BYTES,
  lastEventId = '',
}: DecoderOptions): Decoder {
  // It keeps the beginning of a character for the next bytes; bad bytes become U+FFFD, a BOM stays.
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  /** The most bytes of a line. */
  const longest = maxEventBytes + HEAD_LENGTH

  // The buffers of the standard, "interpreting an event stream".
  let idBuffer = lastEventId
  let eventType = MESSAGE
  let data: string | null = null
  /** How many pieces text was added since such a sum was last joined. */
  let pieces = 0

  // The unfinished line: what is text of it, behind that what is still bytes.
  let tail = ''
  /** The text is a data line's value, without its name. */
  let isValue = false
  const line = new Uint8Array(2 * SHORT_BYTES)
  let lineBytes = 0

  /** What is passed over at the start of the next text: a BOM at first, the LF of a CR that ended the last, or nothing. */
  let skip = BOM
  let ended = false
  /** The decoder may hold the beginning of a character. */
  let cut = false
  /** The last long chunk held more than ASCII, and so may the next. */
  let wide = false

  // A property and no getter: decoders with getters of their own have each a shape of their own, and engines
  // search for the method at each call.
  const decoder = {
    lastEventId,
    push(chunk: Uint8Array | string) {
      if (ended) throw new SseError('decoder-ended', 'This decoder has ended: create another.')
      ended = true
      if (typeof chunk !== 'string') pushBytes(chunk)
      else {
        if (lineBytes) lineToText()
        // A character that a text interrupts ends there.
        if (cut) pushText(utf8.decode())
        cut = false
        pushText(chunk)
      }
      ended = false
    },
  }
  return decoder

  function pushBytes(chunk: Uint8Array): void {
    const { length } = chunk
    // Asked so, what has no length, as an ArrayBuffer, ends in the platform's error.
    if (!(length <= SHORT_BYTES) || cut) {
      if (lineBytes) lineToText()
      const whole = cut ? undefined : chunk
      pushText(textOf(chunk, length), whole)
    } else if (!lineBytes && isLineEnd(chunk[length - 1])) {
      pushText(readText(chunk, length, utf8), chunk)
    } else {
      const ends = addToLine(chunk)
      if (ends) {
        const text = readText(line, ends, utf8)
        line.copyWithin(0, ends, lineBytes)
        lineBytes -= ends
        pushText(text)
      }
      if (lineBytes > SHORT_BYTES || tail.length + lineBytes > longest) lineToText()
    }
  }

  function lineToText(): void {
    const text = textOf(line, lineBytes)
    lineBytes = 0
    pushText(text)
  }

  /** The text of a line's bytes, or of some of them. A character that they cut waits in the decoder. */
  function textOf(bytes: Uint8Array, length: number): string {
    const long = length > SHORT_BYTES
    const whole = !cut
    // So asked, none is not ASCII: what was cut before stays so.
    cut = !((bytes[length - 1] as number) < NON_ASCII)
    const text =
      whole && !cut && !(long && wide)
        ? readText(bytes, length, utf8)
        : utf8.decode(bytes.subarray(0, length), { stream: true })
    if (long) wide = text.length < length
    return text
  }

  /** The place behind the last line end of what it adds, or 0. */
  function addToLine(bytes: Uint8Array): number {
    let end = lineBytes
    let ends = 0
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number
      line[end++] = byte
      if (isLineEnd(byte)) ends = end
    }
    lineBytes = end
    return ends
  }

  /** Reads a text, of whose bytes it is: ends the unfinished line, and leaves the rest to one of two loops. */
  function pushText(text: string, bytes?: Uint8Array): void {
    const { length } = text
    if (length === 0) return
    // With a character for each byte it is ASCII.
    const ascii = bytes?.length === length ? bytes : undefined
    let at = 0
    if (skip >= 0) {
      if (text.charCodeAt(0) === skip) at = 1
      skip = -1
    }
    const cr = next(text, '\r', at)
    if (tail) {
      const end = Math.min(cr, next(text, '\n', at))
      if (end === length) {
        keepText(text.slice(at))
        return
      }
      const whole = tail + text.slice(at, end)
      tail = ''
      if (isValue) addData(whole)
      else readField(whole)
      isValue = false
      at = afterLineEnd(text, end)
    }
    if (cr === length) readLines(text, at, ascii)
    else {
      if (text.charCodeAt(length - 1) === 13) skip = 10
      readMixedLines(text, at, cr, ascii)
    }
  }

  /** Keeps a part of a line that has not ended. */
  function keepText(text: string): void {
    // A text of this length has a value.
    if (!tail && text.length > HEAD_LENGTH && isDataLine(text, 0)) {
      // It alone is kept, so that nothing but the app ever has to put a long one together.
      isValue = true
      tail = text.slice(valueStart(text, 4))
    } else {
      tail += text
      joinAfter(1, tail)
    }
    if (tail.length > longest) throw tooLarge()
  }

  /**
   * Reads the whole lines of a text without CR, as most are, and keeps the rest. Here and below no place past
   * a text's end is asked for: after one such answer V8 takes several times as long for each.
   */
  function readLines(text: string, at: number, ascii?: Uint8Array): void {
    const { length } = text
    const fits = length * BYTES_PER_UNIT <= maxEventBytes
    while (at < length) {
      if (text.charCodeAt(at) === 10) {
        // Asked here too, since many blank lines end a comment, and a call costs as much as that line.
        if (data === null) endEvent(null)
        else dispatch()
        at++
        continue
      }
      let lf = text.indexOf('\n', at)
      if (lf < 0) {
        keepText(text.slice(at))
        break
      }
      if (isDataLine(text, at)) {
        let from = valueStart(text, at + 4)
        at = lf + 1
        if (data === null && fits && at < length && text.charCodeAt(at) === 10) {
          // One data line is all the data of most events, and the buffer is not touched for it.
          endEvent(text.slice(from, lf))
          at++
          if (at < length && text.charCodeAt(at) === 100) {
            at = readBareEvents(text, ascii, at, idBuffer, onEvent)
          }
          continue
        }
        // Lines that follow each other are taken with their line ends, which costs less than adding them.
        let lines = ''
        let count = 1
        for (; ; count++) {
          const nextLf = text.indexOf('\n', at)
          if (nextLf < 0 || !(ascii ? isDataBytes(ascii, at) : isDataLine(text, at))) break
          lines += text.slice(from, at)
          from = (ascii ? ascii[lf + 6] : text.charCodeAt(lf + 6)) === 32 ? lf + 7 : lf + 6
          lf = nextLf
          at = lf + 1
        }
        addData(lines + text.slice(from, lf), count)
      } else {
        readLine(text, at, lf, fits)
        at = lf + 1
      }
    }
  }

  /** As `readLines`, where lines end with CR, CRLF or LF, of which `cr` is the first CR. */
  function readMixedLines(text: string, at: number, cr: number, ascii?: Uint8Array): void {
    const { length } = text
    const fits = length * BYTES_PER_UNIT <= maxEventBytes
    let lf = -1
    while (at < length) {
      if (isLineEnd(text.charCodeAt(at))) {
        dispatch()
        at = afterLineEnd(text, at)
        continue
      }
      // Both searches remember their last find, so each passes once over the text.
      if (lf < at) lf = next(text, '\n', at)
      if (cr < at) cr = next(text, '\r', at)
      const end = Math.min(cr, lf)
      if (end === length) {
        keepText(text.slice(at))
        break
      }
      // Where the line ends is told in each branch: told before them, strings with CRLF took a fifth more.
      if (ascii ? isDataBytes(ascii, at) : isDataLine(text, at)) {
        const value = valueOf(text, at + 4, end)
        at = lf === cr + 1 ? lf + 1 : end + 1
        if (data === null && fits && at < length && isLineEnd(text.charCodeAt(at))) {
          at = afterLineEnd(text, at)
          endEvent(value)
        } else addData(value)
      } else {
        readLine(text, at, end, fits)
        at = lf === cr + 1 ? lf + 1 : end + 1
      }
    }
  }

  /** A line that is neither blank nor of data: at once if it is surely within the bound and of the usual form. */
  function readLine(text: string, at: number, end: number, fits: boolean): void {
    if (!fits) readField(text.slice(at, end))
    else if (text.charCodeAt(at) === 58) onComment?.(valueOf(text, at, end))
    // Codes one by one and in place: `startsWith`, or a function of ours that is not inlined, takes a tenth more.
    else if (
      text.charCodeAt(at) === 105 && // i
      text.charCodeAt(at + 1) === 100 && // d
      text.charCodeAt(at + 2) === 58
    ) {
      setId(valueOf(text, at + 2, end))
    } else if (
      text.charCodeAt(at) === 101 && // e
      text.charCodeAt(at + 1) === 118 && // v
      text.charCodeAt(at + 2) === 101 && // e
      text.charCodeAt(at + 3) === 110 && // n
      text.charCodeAt(at + 4) === 116 && // t
      text.charCodeAt(at + 5) === 58
    ) {
      setType(valueOf(text, at + 5, end))
    } else readField(text.slice(at, end))
  }

  /** One line, without its end: "process the field". */
  function readField(line: string): void {
    checkLength(line, longest)
    const colon = next(line, ':', 0)
    const name = line.slice(0, colon)
    const value = colon + 1 < line.length ? valueOf(line, colon, line.length) : ''
    if (name === 'id') setId(value)
    else if (name === 'event') setType(value)
    else if (name === 'data') addData(value)
    else if (colon === 0) onComment?.(value)
    else if (name === 'retry' && /^\d+$/.test(value)) onRetry?.(Number(value))
  }

  function setType(value: string): void {
    eventType = value || MESSAGE
  }

  function setId(value: string): void {
    if (!value.includes('\0')) idBuffer = value
  }

  /** Adds a line or more to the data. */
  function addData(value: string, lines = 1): void {
    data = data === null ? value : data + '\n' + value
    if (data.length > maxEventBytes) throw tooLarge()
    joinAfter(lines, data)
  }

  /** Throws if a text has more bytes than the limit. */
  function checkLength(text: string, limit: number): void {
    if (text.length * BYTES_PER_UNIT > limit && new TextEncoder().encode(text).length > limit) {
      throw tooLarge()
    }
  }

  /** "Dispatch the event". */
  function dispatch(): void {
    const whole = data
    if (whole !== null) checkLength(whole, maxEventBytes)
    data = null
    endEvent(whole)
  }

  /** Hands the event on, if there is data, and begins the next. */
  function endEvent(data: string | null): void {
    const event = eventType
    eventType = MESSAGE
    decoder.lastEventId = idBuffer
    if (data !== null) onEvent({ event, data, id: idBuffer })
  }

  /** Counts what was added to a text, and from time to time makes it one: engines keep the parts until a character is asked for. */
  function joinAfter(added: number, text: string): void {
    pieces += added
    if (pieces > PIECES + text.length / PIECE_LENGTH) {
      text.charCodeAt(0)
      pieces = 0
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

/**
 * Reads events that are one data line and no more, as most are, for as long as such follow each other; and
 * says where it stopped. With the state of `readLines` out of its way it takes nine tenths of its time, and
 * three quarters where it looks at the bytes.
 */
function readBareEvents(
  text: string,
  ascii: Uint8Array | undefined,
  at: number,
  id: string,
  onEvent: (event: DecodedEvent) => void,
): number {
  const { length } = text
  while (at < length) {
    const lf = text.indexOf('\n', at)
    if (lf < 0 || lf + 1 === length) break
    let from = at + 5
    // Asked once, and not for each code.
    if (ascii) {
      if (!isDataBytes(ascii, at) || ascii[lf + 1] !== 10) break
      if (ascii[from] === 32) from++
    } else {
      if (!isDataLine(text, at) || text.charCodeAt(lf + 1) !== 10) break
      if (text.charCodeAt(from) === 32) from++
    }
    const data = text.slice(from, lf)
    at = lf + 2
    onEvent({ event: MESSAGE, data, id })
  }
  return at
}

/** Whether a line begins with `data:`. Codes one by one: `startsWith` takes twice as long. */
function isDataLine(text: string, at: number): boolean {
  return (
    text.charCodeAt(at) === 100 &&
    text.charCodeAt(at + 1) === 97 && // a
    text.charCodeAt(at + 2) === 116 && // t
    text.charCodeAt(at + 3) === 97 && // a
    text.charCodeAt(at + 4) === 58
  )
}

/** As `isDataLine`: to look at a byte takes less time than to look at a character. */
function isDataBytes(ascii: Uint8Array, at: number): boolean {
  return (
    ascii[at] === 100 &&
    ascii[at + 1] === 97 && // a
    ascii[at + 2] === 116 && // t
    ascii[at + 3] === 97 && // a
    ascii[at + 4] === 58
  )
}

/** The place behind a line's end, of which CRLF is one. */
function afterLineEnd(text: string, end: number): number {
  return text.charCodeAt(end) === 13 && end + 1 < text.length && text.charCodeAt(end + 1) === 10
    ? end + 2
    : end + 1
}

function isLineEnd(code: number | undefined): boolean {
  return code === 10 || code === 13
}

/** What follows a colon, without one space. */
function valueOf(text: string, colon: number, end: number): string {
  return text.slice(valueStart(text, colon), end)
}

function valueStart(text: string, colon: number): number {
  return text.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1
}
