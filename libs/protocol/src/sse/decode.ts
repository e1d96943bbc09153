/**
 * Reads a `text/event-stream` from chunks of any size, bytes or text.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 *
 * The hot path, so one file. Bytes become text a block of whole lines at a time: one long decoding is
 * far cheaper than many short ones, line ends are found by the engine's own search, and values are
 * slices. What a chunk leaves unfinished waits as bytes, so that no character is ever cut.
 */
import { SseError } from './errors.ts'
import type { DecodedEvent } from './event.ts'
import { bytesOf, findLastByte, readText, readWideText } from './read-text.ts'

const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58
/** The letter that `data` begins with. */
const D = 100
const BOM = /^\ufeff/

/** The default of `maxEventBytes`: 16 MiB. */
export const DEFAULT_MAX_EVENT_BYTES = 16 * 1024 * 1024

/** So few bytes are copied by a loop, which costs less than calling out. */
const SMALL_BYTES = 64
/** Up to this size text costs much the same either way it is read. */
const SHORT_BYTES = 512
/** How far a loop looks for a line end before the engine's search is called. */
const NEAR_BYTES = 128
/** The room for an unfinished line to begin with, and the most that is kept for the next one. */
const CARRY_BYTES = 4096
/** So many data lines are joined to one text before the next: an event of millions needs little more than its size. */
const LINES_PER_JOIN = 4096
/** UTF-8 takes at most three bytes for each UTF-16 code unit. */
const BYTES_PER_UNIT = 3
/** What a line that counts begins with; a comment counts if somebody listens. */
const USED_LINE = /^(?:data|event|id|retry):/
const USED_LINE_OR_COMMENT = /^(?:data|event|id|retry|):/
/** More than the longest of these, a space and a BOM. */
const HEAD_LENGTH = 16
/** What an ignored line over the bound is cut down to: the name of no field. */
const IGNORED_LINE = 120
const DIGITS = /^\d+$/

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
   * The most UTF-8 bytes that the data of one event, or any other value that is used, may have.
   * 16 MiB by default. Beyond it `push` throws; memory stays within a small multiple of it.
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
  /** A value of so many code units is within the bound whatever its characters. */
  const safeLength = Math.floor(maxEventBytes / BYTES_PER_UNIT)

  // The buffers of the standard, "interpreting an event stream".
  let idBuffer = lastEventId
  let eventType = ''
  let data = ''
  let dataLines = 0
  /** The data lines before those of `data`. */
  let earlier = ''
  /** How many more code units of data are within the bound for certain. */
  let room = safeLength

  // The unfinished line: bytes in `carry`, or text in `tail`, never both.
  let carry: Uint8Array = new Uint8Array(CARRY_BYTES)
  let carryLength = 0
  let tail = ''
  /** The last chunk ended with a CR, whose LF may be the first of the next. */
  let afterCr = false
  /** Nothing was read yet, so a BOM may come. */
  let atStart = true
  /** The last long text held more than ASCII, and so may the next. */
  let wide = false
  let ended = false

  return {
    push(chunk) {
      if (ended) throw new SseError('decoder-ended', 'Ended: create another.')
      if (chunk.length === 0) return
      ended = true
      // A chunk of whole lines after whole lines, which most chunks are, takes the short way.
      const between = carryLength === 0 && tail === '' && !afterCr
      if (typeof chunk === 'string') {
        if (between && chunk.charCodeAt(chunk.length - 1) === LF) readLines(chunk, undefined, 0)
        else pushText(chunk)
      } else if (between && chunk[chunk.length - 1] === LF) readBytes(chunk, 0, chunk.length)
      else pushBytes(chunk)
      ended = false
    },
    get lastEventId() {
      return lastEventId
    },
  }

  /** A chunk that begins or ends within a line. */
  function pushBytes(bytes: Uint8Array): void {
    const last = bytes[bytes.length - 1]
    if (tail !== '') {
      carry = bytesOf(tail)
      carryLength = carry.length
      tail = ''
    }
    const start = afterCr && bytes[0] === LF ? 1 : 0
    afterCr = last === CR
    readParts(bytes, start)
    if (carryLength > maxEventBytes + HEAD_LENGTH) {
      checkLine(readText(carry, 0, HEAD_LENGTH))
      carry.fill(IGNORED_LINE, 0, 1)
      carryLength = 1
    }
  }

  function readParts(bytes: Uint8Array, start: number): void {
    const end = lastLineEnd(bytes) + 1
    let at = start
    if (carryLength > 0 && end > 0) {
      // The unfinished line ends here. Of a few bytes all lines are taken with it.
      if (bytes.length <= SMALL_BYTES) at = end
      else {
        while (bytes[at] !== LF && bytes[at] !== CR) at++
        at++
      }
      keep(bytes, start, at)
      readCarry()
      if (bytes[at - 1] === CR && bytes[at] === LF) at++
    }
    if (at < end) readBytes(bytes, at, end)
    keep(bytes, Math.max(at, end), bytes.length)
  }

  function keep(bytes: Uint8Array, from: number, to: number): void {
    const length = carryLength + to - from
    if (length > carry.length) {
      const short = carry
      carry = new Uint8Array(length * 2)
      carry.set(short.subarray(0, carryLength))
    }
    if (to - from > SMALL_BYTES) carry.set(bytes.subarray(from, to), carryLength)
    else for (let at = from, kept = carryLength; at < to; at++) carry[kept++] = bytes[at] as number
    carryLength = length
  }

  function readCarry(): void {
    const bytes = carry
    const length = carryLength
    if (bytes.length > CARRY_BYTES) carry = new Uint8Array(CARRY_BYTES)
    carryLength = 0
    readBytes(bytes, 0, length)
  }

  /** The bytes of whole lines, as text whose places are those of the bytes where that is possible. */
  function readBytes(bytes: Uint8Array, from: number, to: number): void {
    const long = to - from > SHORT_BYTES
    const text = long && wide ? readWideText(bytes, from, to) : readText(bytes, from, to)
    const alike = text.length === to - from
    if (long) wide = !alike
    readLines(text, alike ? bytes : undefined, from)
  }

  function pushText(chunk: string): void {
    if (carryLength > 0) {
      tail = readText(carry, 0, carryLength)
      carryLength = 0
    }
    const text = afterCr && chunk.charCodeAt(0) === LF ? chunk.slice(1) : chunk
    afterCr = text.charCodeAt(text.length - 1) === CR
    let end = 0
    if (text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0) {
      end = text.length
      while (text.charCodeAt(end - 1) !== LF && text.charCodeAt(end - 1) !== CR) end--
      const lines = tail + text.slice(0, end)
      tail = ''
      readLines(lines, undefined, 0)
    }
    tail += text.slice(end)
    if (tail.length > maxEventBytes + HEAD_LENGTH) {
      checkLine(tail.slice(0, HEAD_LENGTH))
      tail = String.fromCharCode(IGNORED_LINE)
    }
  }

  /** An unfinished line is over the bound: an error if it counts, and else its caller cuts it short. */
  function checkLine(line: string): void {
    const used = onComment ? USED_LINE_OR_COMMENT : USED_LINE
    if (used.test(atStart ? line.replace(BOM, '') : line)) throw tooLarge()
  }

  /**
   * Reads a text of whole lines. With `bytes`, the places of the text are theirs from `offset` on, and
   * lines are told apart by them: that costs less than asking a string.
   */
  function readLines(text: string, bytes: Uint8Array | undefined, offset: number): void {
    if (atStart) {
      atStart = false
      if (BOM.test(text)) {
        text = text.slice(1)
        bytes = undefined
      }
    }
    if (text.indexOf('\r') >= 0) {
      readMixedLines(text)
      return
    }
    const length = text.length
    let at = 0
    while (at < length) {
      if (
        text.charCodeAt(at) === D &&
        dataLines === 0 &&
        eventType === '' &&
        idBuffer === lastEventId
      ) {
        const end = readPlain(text, at, bytes, offset)
        if (end > at) {
          at = end
          continue
        }
      }
      const lf = text.indexOf('\n', at)
      readLine(text, at, lf)
      at = lf + 1
    }
  }

  /**
   * Reads events of one data line and nothing else, as long as they follow each other, and says where
   * they end. Most streams consist of them, and no buffer is touched for them.
   */
  function readPlain(text: string, start: number, bytes: Uint8Array | undefined, offset: number) {
    const id = lastEventId
    let at = start
    for (;;) {
      const lf = text.indexOf('\n', at)
      if (
        lf < 0 ||
        lf - at > safeLength ||
        text.charCodeAt(lf + 1) !== LF ||
        !(bytes === undefined ? isDataLine(text, at) : isDataLineOf(bytes, offset + at))
      ) {
        return at
      }
      const value = valueOf(text, at + 4, lf)
      at = lf + 2
      onEvent({ event: 'message', data: value, id })
    }
  }

  /** As `readLines`, for text with a CR in it. Both searches remember their last find, so each passes once over the text. */
  function readMixedLines(text: string): void {
    const length = text.length
    let at = 0
    let lf = next(text, '\n', 0)
    let cr = next(text, '\r', 0)
    for (;;) {
      const end = lf < cr ? lf : cr
      if (end === length) return
      readLine(text, at, end)
      at = end + 1
      if (end === lf) lf = next(text, '\n', at)
      else {
        if (lf === at) lf = next(text, '\n', ++at)
        cr = next(text, '\r', at)
      }
    }
  }

  /** One line, without its end: "process the field", or dispatch where it is blank. */
  function readLine(text: string, at: number, end: number): void {
    if (at === end) dispatch()
    else if (isDataLine(text, at)) addData(valueOf(text, at + 4, end))
    else if (text.charCodeAt(at) === COLON) onComment?.(bounded(valueOf(text, at, end)))
    else readField(text.slice(at, end))
  }

  /** "Process the field", in any of its forms. */
  function readField(line: string): void {
    const colon = line.indexOf(':')
    const nameEnd = colon < 0 ? line.length : colon
    const name = line.slice(0, nameEnd)
    const value = valueOf(line, nameEnd, line.length)
    if (name === 'data') addData(value)
    else if (name === 'event') eventType = bounded(value)
    else if (name === 'id' && bounded(value).indexOf('\0') < 0) idBuffer = value
    else if (name === 'retry' && DIGITS.test(bounded(value))) onRetry?.(Number(value))
  }

  function addData(value: string): void {
    if (dataLines === 0) data = value
    else if (dataLines % LINES_PER_JOIN > 0) data = data + '\n' + value
    else {
      data += '\n'
      // Engines keep a sum of strings as its parts until a character is asked for.
      data.charCodeAt(0)
      earlier += data
      data = value
    }
    dataLines++
    room -= value.length + 1
    if (room < 0) boundData()
  }

  /** Measures the data. Each time leaves a third of the rest to go at least, so there are few times. */
  function boundData(): void {
    const rest = maxEventBytes - bytesOf(earlier + data).length
    if (rest < 0) throw tooLarge()
    room = Math.floor(rest / BYTES_PER_UNIT)
  }

  function bounded(value: string): string {
    if (value.length > safeLength && bytesOf(value).length > maxEventBytes) throw tooLarge()
    return value
  }

  /** "Dispatch the event". */
  function dispatch(): void {
    lastEventId = idBuffer
    const event = eventType === '' ? 'message' : eventType
    eventType = ''
    if (dataLines === 0) return
    const whole = earlier + data
    data = ''
    earlier = ''
    dataLines = 0
    room = safeLength
    onEvent({ event, data: whole, id: lastEventId })
  }

  function tooLarge(): SseError {
    return new SseError('event-too-large', 'Event over maxEventBytes: raise it.', {
      maxEventBytes,
    })
  }
}

/** The place of a character at or after `from`, or the length of the text. */
function next(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from)
  return at < 0 ? text.length : at
}

/** Whether a line begins with `data:`. Codes one by one: `startsWith` takes twice as long. */
function isDataLine(text: string, at: number): boolean {
  return (
    text.charCodeAt(at) === D &&
    text.charCodeAt(at + 1) === 97 &&
    text.charCodeAt(at + 2) === 116 &&
    text.charCodeAt(at + 3) === 97 &&
    text.charCodeAt(at + 4) === COLON
  )
}

/** As `isDataLine`, asking the bytes: a string takes longer to answer. */
function isDataLineOf(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at] === D &&
    bytes[at + 1] === 97 &&
    bytes[at + 2] === 116 &&
    bytes[at + 3] === 97 &&
    bytes[at + 4] === COLON
  )
}

/** What follows a colon, without one space. */
function valueOf(text: string, colon: number, end: number): string {
  return text.slice(text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, end)
}

/** The place of the last line end, or -1. */
function lastLineEnd(bytes: Uint8Array): number {
  let at = bytes.length - 1
  const near = at - NEAR_BYTES
  while (at > near && at >= 0) {
    if (bytes[at] === LF || bytes[at] === CR) return at
    at--
  }
  return Math.max(findLastByte(bytes, LF, at), findLastByte(bytes, CR, at))
}
