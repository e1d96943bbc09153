/**
 * Reads a `text/event-stream` from chunks of any size, bytes or text.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 *
 * The hot path, so one file. Bytes become text by whole lines: one long decoding is far cheaper than many
 * short ones, line ends are found by the engine's own search, and values are slices of that text. Of a
 * line that chunks share, only that line is put together: small pieces as bytes, long ones as text.
 */
import { SseError } from './errors.ts'
import type { DecodedEvent } from './event.ts'
import { bytesOf, createUtf8Decoder, readText } from './read-text.ts'
import {
  BYTES_PER_UNIT,
  DEFAULT_MAX_EVENT_BYTES,
  HEAD_LENGTH,
  PIECE_LENGTH,
  PIECES,
  SHORT_BYTES,
} from './sizes.ts'

const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58
/** The first letter of `data`. */
const D = 100
const BOM = 0xfeff
/** The type of an event that names none. */
const MESSAGE = 'message'
/** The first byte that is no character by itself. */
const NON_ASCII = 0x80

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
   * The most UTF-8 bytes that the data of one event may have: 16 MiB by default. Any line may have 8
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
  const utf8 = createUtf8Decoder()
  /** The most bytes of a line. */
  const longest = maxEventBytes + HEAD_LENGTH

  // The buffers of the standard, "interpreting an event stream".
  let idBuffer = lastEventId
  let eventType = MESSAGE
  let data: string | null = null
  /**
   * An event type or an id was read since the last dispatch. A flag, because V8 can fall into deoptimizing each
   * call where strings are compared, once a process has read streams of several kinds.
   */
  let named = false
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
  /** Of the above nothing but the last event ID is set, as after most chunks of events without an ID. */
  let ready = false
  /** The decoder may hold the beginning of a character. */
  let cut = false
  /** The last long chunk held more than ASCII, and so may the next. */
  let wide = false

  // A property and no getter: decoders with getters of their own have each a shape of their own, and engines
  // search for the method at each call.
  const decoder = {
    lastEventId,
    push(chunk: Uint8Array | string) {
      if (ended) throw new SseError('decoder-ended', 'Ended: create another.')
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

  /** Reads a text, of whose bytes it is. Most are bare events from end to end, which need none of the state. */
  function pushText(text: string, bytes?: Uint8Array): void {
    // With a character for each byte it is ASCII.
    const ascii = bytes?.length === text.length ? bytes : undefined
    let at = 0
    if (
      ready &&
      text.charCodeAt(0) === D &&
      text.length * BYTES_PER_UNIT <= maxEventBytes &&
      text.indexOf('\r') < 0
    ) {
      at = readBareEvents(text, ascii, 0, idBuffer, onEvent)
    }
    if (at < text.length) readLines(text, at, ascii)
  }

  /** Keeps a part of a line that has not ended. */
  function keepText(text: string): void {
    // A text of this length has a value.
    if (!tail && text.length > HEAD_LENGTH && isDataLine(text, undefined, 0)) {
      // It alone is kept, so that nothing but the app ever has to put a long one together.
      isValue = true
      tail = text.slice(valueStart(text, undefined, 4))
    } else {
      tail += text
      joinAfter(1, tail)
    }
    if (tail.length > longest) throw tooLarge()
  }

  /**
   * Reads the whole lines of a text, and keeps the rest. Here and below no place past a text's end is
   * asked for: after one such answer V8 takes several times as long for each.
   */
  function readLines(text: string, start: number, ascii?: Uint8Array): void {
    const { length } = text
    let at = text.charCodeAt(start) === skip ? start + 1 : start
    skip = text.charCodeAt(length - 1) === CR ? LF : -1
    // Both searches remember their last find, so each passes once over the text.
    let lf = -1
    let cr = next(text, '\r', at)
    while (at < length) {
      if (lf < at) lf = next(text, '\n', at)
      if (cr < at) cr = next(text, '\r', at)
      const end = Math.min(lf, cr)
      if (end === length) {
        keepText(text.slice(at))
        break
      }
      const after = lf === cr + 1 ? lf + 1 : end + 1
      const blank = afterBlankLine(text, ascii, after)
      if (tail) {
        const whole = tail + text.slice(at, end)
        tail = ''
        if (isValue) addData(whole)
        else readField(whole, 0, whole.length)
        isValue = false
      } else if (!isDataLine(text, ascii, at)) {
        if (at === end) dispatch()
        else if ((end - at) * BYTES_PER_UNIT > longest) readField(text, at, end)
        else if (codeAt(text, ascii, at) === COLON) onComment?.(valueOf(text, ascii, at, end))
        // Codes one by one and in place: `startsWith`, or a function of ours that is not inlined, takes a tenth more.
        else if (
          text.charCodeAt(at) === 105 && // i
          text.charCodeAt(at + 1) === 100 && // d
          text.charCodeAt(at + 2) === COLON
        ) {
          setId(valueOf(text, ascii, at + 2, end))
        } else if (
          text.charCodeAt(at) === 101 && // e
          text.charCodeAt(at + 1) === 118 && // v
          text.charCodeAt(at + 2) === 101 && // e
          text.charCodeAt(at + 3) === 110 && // n
          text.charCodeAt(at + 4) === 116 && // t
          text.charCodeAt(at + 5) === COLON
        ) {
          setType(valueOf(text, ascii, at + 5, end))
        } else readField(text, at, end)
      } else if (blank && data === null && length * BYTES_PER_UNIT <= maxEventBytes) {
        // One data line is all the data of most events, and the buffer is not touched for it.
        const event = eventType
        eventType = MESSAGE
        decoder.lastEventId = idBuffer
        named = false
        onEvent({ event, data: valueOf(text, ascii, at + 4, end), id: idBuffer })
        at = blank
        if (cr === length && at < length && text.charCodeAt(at) === D) {
          at = readBareEvents(text, ascii, at, idBuffer, onEvent)
        }
        continue
      } else if (!blank && cr === length) {
        // Lines that follow each other are taken with their line ends, which costs less than adding them.
        let from = valueStart(text, ascii, at + 4)
        let lines = ''
        let count = 1
        for (; ; count++) {
          const nextLf = text.indexOf('\n', lf + 1)
          if (nextLf < 0 || !isDataLine(text, ascii, lf + 1)) break
          lines += text.slice(from, lf + 1)
          from = valueStart(text, ascii, lf + 5)
          lf = nextLf
        }
        addData(lines + text.slice(from, lf), count)
        at = lf + 1
        continue
      } else addData(valueOf(text, ascii, at + 4, end))
      if (blank) dispatch()
      at = blank || after
    }
    ready = !tail && skip < 0 && data === null && !named
  }

  /** One line, without its end: "process the field". */
  function readField(text: string, at: number, end: number): void {
    checkLength(text, at, end, longest)
    let colon = at
    while (colon < end && text.charCodeAt(colon) !== COLON) colon++
    const name = text.slice(at, colon)
    const value = colon < end ? valueOf(text, undefined, colon, end) : ''
    if (name === 'id') setId(value)
    else if (name === 'event') setType(value)
    else if (name === 'data') addData(value)
    else if (colon === at) onComment?.(value)
    else if (name === 'retry' && /^\d+$/.test(value)) onRetry?.(Number(value))
  }

  function setType(value: string): void {
    eventType = value || MESSAGE
    named = true
  }

  function setId(value: string): void {
    if (value.indexOf('\0') >= 0) return
    idBuffer = value
    named = true
  }

  /** Adds a line or more to the data. */
  function addData(value: string, lines = 1): void {
    data = data === null ? value : data + '\n' + value
    if (data.length > maxEventBytes) throw tooLarge()
    joinAfter(lines, data)
  }

  /** Throws if a part of a text has more bytes than the limit. */
  function checkLength(text: string, at: number, end: number, limit: number): void {
    if ((end - at) * BYTES_PER_UNIT > limit && bytesOf(text.slice(at, end)).length > limit) {
      throw tooLarge()
    }
  }

  /** "Dispatch the event". */
  function dispatch(): void {
    decoder.lastEventId = idBuffer
    const event = eventType
    eventType = MESSAGE
    named = false
    if (data === null) return
    const whole = data
    checkLength(whole, 0, whole.length, maxEventBytes)
    data = null
    onEvent({ event, data: whole, id: idBuffer })
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
    return new SseError('event-too-large', 'Event over maxEventBytes: raise it.', {
      maxEventBytes,
    })
  }
}

/**
 * Reads events that are one data line and no more, as most are, for as long as such follow each other; and
 * says where it stopped. With the state and the checks of `readLines` out of its way it takes nine tenths
 * of its time, and three quarters where it looks at the bytes.
 */
function readBareEvents(
  text: string,
  ascii: Uint8Array | undefined,
  start: number,
  id: string,
  onEvent: (event: DecodedEvent) => void,
): number {
  const last = text.length - 1
  let at = start
  while (at <= last) {
    const lf = text.indexOf('\n', at)
    if (lf < 0 || lf === last) return at
    let from = at + 5
    // Asked once, and not for each code.
    if (ascii) {
      if (!isDataLine(text, ascii, at) || ascii[lf + 1] !== LF) return at
      if (ascii[from] === SPACE) from++
    } else {
      if (!isDataLine(text, ascii, at) || text.charCodeAt(lf + 1) !== LF) return at
      if (text.charCodeAt(from) === SPACE) from++
    }
    const data = text.slice(from, lf)
    at = lf + 2
    onEvent({ event: MESSAGE, data, id })
  }
  return at
}

/** The place of a character at or after `from`, or the length of the text. */
function next(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from)
  return at < 0 ? text.length : at
}

/** Whether a line begins with `data:`. Codes one by one: `startsWith` takes twice as long. */
function isDataLine(text: string, ascii: Uint8Array | undefined, at: number): boolean {
  return (
    codeAt(text, ascii, at) === D &&
    codeAt(text, ascii, at + 1) === 97 && // a
    codeAt(text, ascii, at + 2) === 116 && // t
    codeAt(text, ascii, at + 3) === 97 && // a
    codeAt(text, ascii, at + 4) === COLON
  )
}

/** To look at a byte takes less time than to look at a character, and to compare with undefined less than to ask for truth. */
function codeAt(text: string, ascii: Uint8Array | undefined, at: number): number | undefined {
  return ascii === undefined ? text.charCodeAt(at) : ascii[at]
}

/** The place behind a blank line, or 0 if it is not blank. */
function afterBlankLine(text: string, ascii: Uint8Array | undefined, at: number): number {
  if (at >= text.length) return 0
  const code = codeAt(text, ascii, at)
  if (code === LF) return at + 1
  if (code !== CR) return 0
  return at + 1 < text.length && text.charCodeAt(at + 1) === LF ? at + 2 : at + 1
}

function isLineEnd(code: number | undefined): boolean {
  return code === LF || code === CR
}

/** What follows a colon, without one space. */
function valueOf(text: string, ascii: Uint8Array | undefined, colon: number, end: number): string {
  return text.slice(valueStart(text, ascii, colon), end)
}

function valueStart(text: string, ascii: Uint8Array | undefined, colon: number): number {
  return codeAt(text, ascii, colon + 1) === SPACE ? colon + 2 : colon + 1
}
