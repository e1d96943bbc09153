/**
 * Decodes a `text/event-stream`.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 *
 * Chunks are first converted to text, see `chunks-to-text.ts`. `readText` completes the unfinished line of the text
 * before and passes the other lines to `readLines`, or to the fast path, `readLfLines`. Both process lines with
 * `readLine` and `addData`, and end events with `dispatch`.
 */
import { createChunkReader } from './chunks-to-text.ts'
import type { Decoder, DecoderOptions } from './decoder.ts'
import { SseError } from './errors.ts'
import { MESSAGE, type DecodedEvent } from './event.ts'
import {
  BYTES_PER_UNIT,
  DEFAULT_MAX_EVENT_BYTES,
  HEAD_LENGTH,
  PIECE_LENGTH,
  PIECES,
} from './sizes.ts'

declare const TextEncoder: new () => { encode(text: string): Uint8Array }

// V8 compiles these as numbers only in functions that are not closures and are in the same module. The checks of single
// characters below are therefore functions of this module.
const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58
const A = 97
const D = 100
const E = 101
const I = 105
const T = 116
const BOM = 0xfeff
const NOTHING = -1

/** The fields that `fieldAt` recognizes. */
type Field = 'data' | 'id' | 'event' | 'comment' | 'other'

/** Creates a decoder for one response. Each new connection needs a new one, with the `lastEventId` of the old one. */
export function createDecoder({
  onEvent,
  onRetry,
  onComment,
  maxEventBytes = DEFAULT_MAX_EVENT_BYTES,
  lastEventId = '',
}: DecoderOptions): Decoder {
  const maxLineBytes = maxEventBytes + HEAD_LENGTH
  /** A text of at most this length is within both limits, whatever its characters. */
  const safeLength = Math.floor(maxEventBytes / BYTES_PER_UNIT)

  // The buffers of the standard. `data` is null until the event has a data line.
  let idBuffer = lastEventId
  let eventType = MESSAGE
  let data: string | null = null

  /** The unfinished line. If `isDataTail`, it is a data line, and `tail` is its value without the field name. */
  let tail = ''
  let isDataTail = false
  /** Ignored at the start of the next text: a BOM at first, later the LF of a CRLF that is split between two texts. */
  let ignored = BOM
  /** The number of strings that were concatenated since the last `flatten`. */
  let pieces = 0
  let ended = false

  const readChunk = createChunkReader(readText, maxLineBytes)
  const decoder = {
    lastEventId,
    push(chunk: Uint8Array | string) {
      if (ended) throw new SseError('decoder-ended', 'This decoder has ended: create another.')
      // An exception leaves it true.
      ended = true
      readChunk(chunk)
      ended = false
    },
  }
  return decoder

  function readText(text: string, bytes?: Uint8Array): number {
    const { length } = text
    if (length === 0) return tail.length
    let at = 0
    if (ignored !== NOTHING) {
      if (text.charCodeAt(0) === ignored) at = 1
      ignored = NOTHING
    }
    const cr = indexOf(text, '\r', at)
    if (cr < length && text.endsWith('\r')) ignored = LF
    if (tail !== '') {
      const end = Math.min(cr, indexOf(text, '\n', at))
      if (end === length) {
        keep(text.slice(at))
        return tail.length
      }
      const whole = tail + text.slice(at, end)
      tail = ''
      if (isDataTail) addData(whole)
      else readField(whole)
      isDataTail = false
      at = afterLineEnd(text, end)
    }
    // The text is ASCII if it has one character per byte.
    const ascii = bytes?.length === length ? bytes : undefined
    if (cr < length) readLines(text, at, cr, ascii)
    else readLfLines(text, at, ascii)
    return tail.length
  }

  /** Keeps an unfinished line. */
  function keep(text: string): void {
    if (tail === '' && text.length > HEAD_LENGTH && isDataLine(text, 0)) {
      // Without the name, because removing it from the whole line would copy a long value.
      isDataTail = true
      tail = valueOf(text, 4, text.length)
    } else {
      tail += text
      flatten(tail, 1)
    }
    if (tail.length > maxLineBytes) throw tooLarge()
  }

  /** Reads lines that end with CR, CRLF or LF, and keeps the unfinished one. `cr` is the index of the first CR. */
  function readLines(text: string, at: number, cr: number, ascii?: Uint8Array): void {
    const { length } = text
    const isSafe = length <= safeLength
    let lf = -1
    while (at < length) {
      if (isLineEnd(text, at)) {
        dispatch()
        at = afterLineEnd(text, at)
        continue
      }
      // Each search is repeated only after its last result, so both together pass over the text twice.
      if (lf < at) lf = indexOf(text, '\n', at)
      if (cr < at) cr = indexOf(text, '\r', at)
      const end = Math.min(lf, cr)
      if (end === length) {
        keep(text.slice(at))
        break
      }
      const next = lf === cr + 1 ? lf + 1 : end + 1
      const isData = isSafe && (ascii ? isDataBytes(ascii, at) : isDataLine(text, at))
      if (isData && data === null && next < length && isLineEnd(text, next)) {
        emit(valueOf(text, at + 4, end))
        at = afterLineEnd(text, next)
      } else {
        readLine(isSafe ? fieldAt(text, at) : 'other', text, at, end)
        at = next
      }
    }
  }

  /**
   * The fast path: the same as `readLines`, for text without CR, which most streams are. Without it, strings of
   * comments take 1.4 times as long. `ascii` is the bytes of the text if it is ASCII: a byte is faster to read than a
   * character.
   */
  function readLfLines(text: string, at: number, ascii?: Uint8Array): void {
    const { length } = text
    const isSafe = length <= safeLength
    while (at < length) {
      if (isLf(text, at)) {
        if (data === null) emit(null)
        else dispatch()
        at++
        continue
      }
      let lf = text.indexOf('\n', at)
      if (lf < 0) {
        keep(text.slice(at))
        break
      }
      const field = isSafe ? fieldAt(text, at) : 'other'
      if (field !== 'data') {
        readLine(field, text, at, lf)
        at = lf + 1
        continue
      }
      let from = valueStart(text, at + 4)
      at = lf + 1
      if (data === null && at < length && isLf(text, at)) {
        emit(text.slice(from, lf))
        at++
        if (text.startsWith('d', at)) at = readPlainEvents(text, ascii, at, idBuffer, onEvent)
        continue
      }
      // Consecutive data lines keep their line ends: one concatenation per line instead of two.
      let lines = ''
      let count = 1
      for (; ; count++) {
        const nextLf = text.indexOf('\n', at)
        if (nextLf < 0 || !(ascii ? isDataBytes(ascii, at) : isDataLine(text, at))) break
        lines += text.slice(from, at)
        const space = ascii ? ascii[at + 5] : text.charCodeAt(at + 5)
        from = space === SPACE ? at + 6 : at + 5
        lf = nextLf
        at = lf + 1
      }
      addData(lines + text.slice(from, lf), count)
    }
  }

  /** Reads a line that is not blank. */
  function readLine(field: Field, text: string, at: number, end: number): void {
    if (field === 'id') setId(valueOf(text, at + 2, end))
    else if (field === 'event') eventType = valueOf(text, at + 5, end) || MESSAGE
    else if (field === 'data') addData(valueOf(text, at + 4, end))
    else if (field === 'comment') onComment?.(valueOf(text, at, end))
    else readField(text.slice(at, end))
  }

  /** "Process the field", for any line. */
  function readField(line: string): void {
    checkBytes(line, maxLineBytes)
    const colon = indexOf(line, ':', 0)
    const name = line.slice(0, colon)
    const value = colon + 1 < line.length ? valueOf(line, colon, line.length) : ''
    if (name === 'data') addData(value)
    else if (name === 'id') setId(value)
    else if (name === 'event') eventType = value || MESSAGE
    else if (colon === 0) onComment?.(value)
    else if (name === 'retry' && /^\d+$/.test(value)) onRetry?.(Number(value))
  }

  function setId(value: string): void {
    if (!value.includes('\0')) idBuffer = value
  }

  /** Adds `lines` data lines, joined by LF. */
  function addData(value: string, lines = 1): void {
    data = data === null ? value : data + '\n' + value
    if (data.length > maxEventBytes) throw tooLarge()
    flatten(data, lines)
  }

  /** "Dispatch the event". */
  function dispatch(): void {
    const whole = data
    if (whole !== null) checkBytes(whole, maxEventBytes)
    data = null
    emit(whole)
  }

  function emit(data: string | null): void {
    const event = eventType
    eventType = MESSAGE
    decoder.lastEventId = idBuffer
    if (data !== null) onEvent({ event, data, id: idBuffer })
  }

  function checkBytes(text: string, limit: number): void {
    if (text.length > safeLength && new TextEncoder().encode(text).length > limit) throw tooLarge()
  }

  /** Limits memory: engines keep the pieces of a concatenated string, 64 bytes each, until a character is read. */
  function flatten(text: string, added: number): void {
    pieces += added
    if (pieces > PIECES + text.length / PIECE_LENGTH) {
      text.charCodeAt(0)
      pieces = 0
    }
  }

  function tooLarge(): SseError {
    return new SseError(
      'event-too-large',
      `An event exceeds ${maxEventBytes} bytes. Raise maxEventBytes if it is valid.`,
      { maxEventBytes },
    )
  }
}

/**
 * Part of the fast path: reads events that are one data line, and returns where it stopped. As a function without the
 * decoder's state it takes a tenth less for strings of tiny events, and with `ascii` a quarter less for bytes.
 */
function readPlainEvents(
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
    const isPlain = ascii
      ? isDataBytes(ascii, at) && ascii[lf + 1] === LF
      : isDataLine(text, at) && isLf(text, lf + 1)
    if (!isPlain) break
    const space = ascii ? ascii[at + 5] : text.charCodeAt(at + 5)
    const data = text.slice(space === SPACE ? at + 6 : at + 5, lf)
    at = lf + 2
    onEvent({ event: MESSAGE, data, id })
  }
  return at
}

/**
 * The field of the line at `at`, which must end within the text: after one `charCodeAt` outside of the text, V8 takes
 * several times as long for each. V8 compiles `startsWith` to comparisons only for at most three constant characters.
 */
function fieldAt(text: string, at: number): Field {
  switch (text.charCodeAt(at)) {
    case D:
      return text.startsWith('at', at + 1) && text.startsWith('a:', at + 3) ? 'data' : 'other'
    case I:
      return text.startsWith('d:', at + 1) ? 'id' : 'other'
    case E:
      return text.startsWith('ven', at + 1) && text.startsWith('t:', at + 4) ? 'event' : 'other'
    case COLON:
      return 'comment'
    default:
      return 'other'
  }
}

function isDataLine(text: string, at: number): boolean {
  return (
    text.charCodeAt(at) === D &&
    text.charCodeAt(at + 1) === A &&
    text.charCodeAt(at + 2) === T &&
    text.charCodeAt(at + 3) === A &&
    text.charCodeAt(at + 4) === COLON
  )
}

/** The same as `isDataLine`, for ASCII text. */
function isDataBytes(ascii: Uint8Array, at: number): boolean {
  const name = ascii[at] === D && ascii[at + 1] === A && ascii[at + 2] === T && ascii[at + 3] === A
  return name && ascii[at + 4] === COLON
}

function isLf(text: string, at: number): boolean {
  return text.charCodeAt(at) === LF
}

function isLineEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code === LF || code === CR
}

/** The index after a CR, LF or CRLF. */
function afterLineEnd(text: string, at: number): number {
  return text.charCodeAt(at) === CR && at + 1 < text.length && isLf(text, at + 1) ? at + 2 : at + 1
}

/** The index of a character at or after `from`, or the length of the text. */
function indexOf(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from)
  return at < 0 ? text.length : at
}

/** The text after a colon, without one leading space. */
function valueOf(text: string, colon: number, end: number): string {
  return text.slice(valueStart(text, colon), end)
}

function valueStart(text: string, colon: number): number {
  return text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1
}
