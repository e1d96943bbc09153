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
import { encodeUtf8, findByte, findLastByte, readText, readWideText } from './runtime.ts'

const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58
/** The letters that `data` and `id` begin with. */
const D = 100
const I = 105
const BOM = [0xef, 0xbb, 0xbf] as const
const BOM_CODE = 0xfeff

/** The default of `maxEventBytes`: 16 MiB. */
export const DEFAULT_MAX_EVENT_BYTES = 16 * 1024 * 1024

/** Chunks up to this size are copied and searched in one loop, which costs less than calling out. */
const SMALL_BYTES = 64
/** Up to this size text costs much the same either way. */
const SHORT_BYTES = 512
/** How far to look for a line end by a loop before calling the engine's search. */
const NEAR_BYTES = 32
/** The room for an unfinished line to begin with, and the most that is kept for the next one. */
const CARRY_BYTES = 1024
const KEPT_CARRY_BYTES = 16 * 1024
/** So many data lines are joined to one text before the next: an event of millions needs little more than its size. */
const LINES_PER_JOIN = 4096
/** UTF-8 takes at most three bytes for each UTF-16 code unit. */
const BYTES_PER_UNIT = 3
/** What an ignored line over the bound is cut down to: the name of no field. */
const IGNORED_LINE = 'x'

const DIGITS = /^[0-9]+$/

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
export function createDecoder(options: DecoderOptions): Decoder {
  const { onEvent, onRetry, onComment, maxEventBytes = DEFAULT_MAX_EVENT_BYTES } = options
  /** A value of so many code units is within the bound whatever its characters. */
  const safeLength = Math.floor(maxEventBytes / BYTES_PER_UNIT)

  // The buffers of the standard, "interpreting an event stream".
  let lastEventId = options.lastEventId ?? ''
  let idBuffer = lastEventId
  let eventType = ''
  let data = ''
  let dataLines = 0
  /** The data lines before those of `data`. */
  let earlier = ''
  /** The size of the data: an upper bound while `exact` is false. */
  let dataBytes = 0
  let exact = false

  // The unfinished line: bytes in `carry`, or text in `tail`, never both.
  let carry = new Uint8Array(CARRY_BYTES)
  let carryLength = 0
  let tail = ''
  /** The last long block held more than ASCII, and so may the next: see `readWideText`. */
  let wide = false
  /** The last chunk ended with a CR, whose LF may be the first of the next. */
  let afterCr = false
  let bomBytesSeen = 0
  /** Nothing is unfinished: no line, no CRLF, no BOM. */
  let between = false
  let ended = false

  return {
    push(chunk) {
      if (ended) {
        throw new SseError('decoder-ended', 'This decoder has ended or is at work: create another.')
      }
      if (chunk.length === 0) return
      ended = true
      if (typeof chunk === 'string') pushText(chunk)
      else pushBytes(chunk)
      ended = false
    },
    get lastEventId() {
      return lastEventId
    },
  }

  function pushBytes(bytes: Uint8Array): void {
    // A chunk of whole lines after whole lines, which most chunks are, takes the short way.
    if (between && bytes[bytes.length - 1] === LF) readBlock(bytes, 0, bytes.length)
    else pushPart(bytes)
  }

  /** A chunk that begins or ends within a line. */
  function pushPart(bytes: Uint8Array): void {
    const length = bytes.length
    let at = bomBytesSeen < BOM.length ? skipBom(bytes) : 0
    if (tail !== '') {
      const encoded = encodeUtf8(tail)
      tail = ''
      keep(encoded, 0, encoded.length)
    }
    if (afterCr && at < length) {
      afterCr = false
      if (bytes[at] === LF) at++
    }
    if (length <= SMALL_BYTES) pushSmall(bytes, at)
    else pushLarge(bytes, at)
    if (bytes[length - 1] === CR) afterCr = true
    if (carryLength > maxEventBytes) boundCarry()
    between = carryLength === 0 && !afterCr && bomBytesSeen === BOM.length
  }

  function pushLarge(bytes: Uint8Array, start: number): void {
    const length = bytes.length
    let at = start
    if (carryLength > 0) {
      const first = lineEnd(bytes, at) + 1
      keep(bytes, at, first === 0 ? length : first)
      if (first === 0) return
      readCarry(carryLength)
      at = first
      if (bytes[at - 1] === CR && bytes[at] === LF) at++
    }
    const end = lastLineEnd(bytes) + 1
    if (at < end) readBlock(bytes, at, end)
    if (at < length) keep(bytes, Math.max(at, end), length)
  }

  /** A few bytes that belong to lines begun before or ended later. */
  function pushSmall(bytes: Uint8Array, start: number): void {
    const length = bytes.length
    let kept = carryLength
    if (kept + length > carry.length) grow(kept + length)
    let end = 0
    for (let at = start; at < length; at++) {
      const byte = bytes[at] as number
      carry[kept++] = byte
      if (byte === LF || byte === CR) end = kept
    }
    carryLength = kept
    if (end > 0) readCarry(end)
  }

  /** Reads the lines in the carry up to `end`, and moves what follows them to its front. */
  function readCarry(end: number): void {
    const rest = carryLength - end
    carryLength = 0
    const bytes = carry
    if (bytes.length > KEPT_CARRY_BYTES) carry = new Uint8Array(Math.max(CARRY_BYTES, rest))
    readBlock(bytes, 0, end)
    for (let at = 0; at < rest; at++) carry[at] = bytes[end + at] as number
    carryLength = rest
  }

  function keep(bytes: Uint8Array, from: number, to: number): void {
    const length = carryLength + to - from
    if (length > carry.length) grow(length)
    carry.set(bytes.subarray(from, to), carryLength)
    carryLength = length
  }

  function grow(length: number): void {
    const room = Math.min(carry.length * 4, maxEventBytes + CARRY_BYTES)
    const grown = new Uint8Array(Math.max(length, room))
    grown.set(carry.subarray(0, carryLength))
    carry = grown
  }

  /** An unfinished line is over the bound: an error if it is one that counts, else only its beginning is kept. */
  function boundCarry(): void {
    const head = readText(carry, 0, Math.min(carryLength, NEAR_BYTES))
    const value = valueStart(head)
    if (value < 0) {
      carry[0] = IGNORED_LINE.charCodeAt(0)
      carryLength = 1
    } else if (carryLength - value > maxEventBytes) throw tooLarge()
  }

  function boundTail(): void {
    const value = valueStart(tail)
    if (value < 0) tail = IGNORED_LINE
    else if (tail.length - value > maxEventBytes) throw tooLarge()
  }

  /** Where the value of an unfinished line begins, or -1 for a line that is ignored. */
  function valueStart(head: string): number {
    const colon = head.indexOf(':')
    const name = head.slice(0, Math.max(colon, 0))
    const used = colon === 0 ? onComment !== undefined : /^(?:data|event|id|retry)$/.test(name)
    if (!used) return -1
    return colon + (head.charCodeAt(colon + 1) === SPACE ? 2 : 1)
  }

  /** The bytes of whole lines, as text whose places are those of the bytes wherever that is possible. */
  function readBlock(bytes: Uint8Array, from: number, to: number): void {
    const long = to - from > SHORT_BYTES
    const text = long && wide ? readWideText(bytes, from, to) : readText(bytes, from, to)
    const places = text.length === to - from ? bytes : undefined
    if (long) wide = places === undefined
    readLines(text, places, from)
  }

  function pushText(chunk: string): void {
    let at = 0
    between = false
    if (carryLength > 0) {
      tail = readText(carry, 0, carryLength)
      carryLength = 0
    }
    if (bomBytesSeen < BOM.length) {
      if (bomBytesSeen === 0 && chunk.charCodeAt(0) === BOM_CODE) at = 1
      else tail = readText(Uint8Array.from(BOM), 0, bomBytesSeen)
      bomBytesSeen = BOM.length
    }
    if (afterCr && at < chunk.length) {
      afterCr = false
      if (chunk.charCodeAt(at) === LF) at++
    }
    if (tail !== '') {
      const lf = chunk.indexOf('\n', at)
      const cr = chunk.lastIndexOf('\r', lf < 0 ? chunk.length : lf)
      const first = cr < at ? lf : chunk.indexOf('\r', at)
      const end = first < 0 ? chunk.length : first
      tail += chunk.slice(at, end)
      if (first < 0) {
        if (tail.length > maxEventBytes) boundTail()
        return
      }
      const line = tail
      tail = ''
      readLine(line, 0, line.length)
      at = end + 1
      if (chunk.charCodeAt(end) === CR) {
        if (at === chunk.length) afterCr = true
        else if (chunk.charCodeAt(at) === LF) at++
      }
    }
    const text = at === 0 ? chunk : chunk.slice(at)
    const end = readLines(text, undefined, 0)
    if (text.charCodeAt(text.length - 1) === CR) afterCr = true
    if (end < text.length) {
      tail = text.slice(end)
      if (tail.length > maxEventBytes) boundTail()
    }
  }

  /**
   * Reads the whole lines of a text and says where the unfinished one begins. With `bytes`, the
   * places of the text are theirs from `offset` on, and lines are told apart by them: that costs
   * less than asking a string.
   */
  function readLines(text: string, bytes: Uint8Array | undefined, offset: number): number {
    if (text.indexOf('\r') >= 0) return readMixedLines(text)
    const length = text.length
    let at = 0
    while (at < length) {
      const first = text.charCodeAt(at)
      if (first === D && dataLines === 0 && eventType === '' && idBuffer === lastEventId) {
        const end =
          bytes === undefined ? readPlainText(text, at) : readPlainBytes(text, at, bytes, offset)
        if (end > at) {
          at = end
          continue
        }
      }
      const lf = text.indexOf('\n', at)
      if (lf < 0) return at
      if (first === D && isDataLine(text, at)) addData(valueOf(text, at + 4, lf))
      else if (first !== COLON || onComment !== undefined) readLine(text, at, lf)
      at = lf + 1
    }
    return at
  }

  /**
   * Reads events of one data line and nothing else, as long as they follow each other, and says where
   * they end. Most streams consist of them, and no buffer is touched for them.
   */
  function readPlainText(text: string, start: number): number {
    const id = lastEventId
    let at = start
    for (;;) {
      const lf = text.indexOf('\n', at)
      if (lf < 0 || lf - at > safeLength) return at
      if (!isDataLine(text, at) || text.charCodeAt(lf + 1) !== LF) return at
      const value = text.slice(text.charCodeAt(at + 5) === SPACE ? at + 6 : at + 5, lf)
      at = lf + 2
      onEvent({ event: 'message', data: value, id })
    }
  }

  /** As `readPlainText`, asking the bytes: a string takes a third longer to answer. */
  function readPlainBytes(text: string, start: number, bytes: Uint8Array, offset: number): number {
    const id = lastEventId
    const last = text.length - 1
    let at = start
    while (at < last) {
      const lf = text.indexOf('\n', at)
      if (lf < 0 || lf === last || lf - at > safeLength) return at
      const from = offset + at
      if (
        bytes[from] !== D ||
        bytes[from + 1] !== 97 ||
        bytes[from + 2] !== 116 ||
        bytes[from + 3] !== 97 ||
        bytes[from + 4] !== COLON ||
        bytes[offset + lf + 1] !== LF
      ) {
        return at
      }
      const value = text.slice(bytes[from + 5] === SPACE ? at + 6 : at + 5, lf)
      at = lf + 2
      onEvent({ event: 'message', data: value, id })
    }
    return at
  }

  /** As `readLines`, for text with a CR in it. Both searches remember their last find, so each passes once over the text. */
  function readMixedLines(text: string): number {
    const length = text.length
    let at = 0
    let lf = next(text, '\n', 0)
    let cr = next(text, '\r', 0)
    for (;;) {
      const end = lf < cr ? lf : cr
      if (end === length) return at
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
    if (at === end) {
      dispatch()
      return
    }
    const first = text.charCodeAt(at)
    if (first === D && isDataLine(text, at)) {
      addData(valueOf(text, at + 4, end))
    } else if (first === COLON) {
      if (onComment !== undefined) onComment(bounded(valueOf(text, at, end)))
    } else if (first === I && text.charCodeAt(at + 1) === D && text.charCodeAt(at + 2) === COLON) {
      setId(valueOf(text, at + 2, end))
    } else {
      readField(text.slice(at, end))
    }
  }

  /** "Process the field", in any of its forms. */
  function readField(line: string): void {
    const colon = line.indexOf(':')
    const value = colon < 0 ? '' : valueOf(line, colon, line.length)
    switch (colon < 0 ? line : line.slice(0, colon)) {
      case 'data':
        addData(value)
        break
      case 'event':
        eventType = bounded(value)
        break
      case 'id':
        setId(value)
        break
      case 'retry':
        if (DIGITS.test(value)) onRetry?.(Number(bounded(value)))
        break
    }
  }

  function setId(value: string): void {
    if (value.indexOf('\0') < 0) idBuffer = bounded(value)
  }

  function addData(value: string): void {
    if (dataLines === 0) data = value
    else if (dataLines % LINES_PER_JOIN > 0) data += '\n' + value
    else {
      earlier += flat(data + '\n')
      data = value
    }
    dataLines++
    dataBytes += (exact ? utf8Length(value) : value.length * BYTES_PER_UNIT) + 1
    if (dataBytes > maxEventBytes) boundData()
  }

  function boundData(): void {
    if (!exact) {
      exact = true
      dataBytes = utf8Length(earlier) + utf8Length(data) + 1
    }
    if (dataBytes - 1 > maxEventBytes) throw tooLarge()
  }

  function bounded(value: string): string {
    if (value.length > safeLength && utf8Length(value) > maxEventBytes) throw tooLarge()
    return value
  }

  /** "Dispatch the event". */
  function dispatch(): void {
    lastEventId = idBuffer
    const event = eventType === '' ? 'message' : eventType
    eventType = ''
    if (dataLines === 0) return
    const whole = earlier === '' ? data : earlier + data
    earlier = ''
    data = ''
    dataLines = 0
    dataBytes = 0
    exact = false
    onEvent({ event, data: whole, id: lastEventId })
  }

  /** How many bytes of a first chunk belong to a BOM. One that turns out to be none is kept as text. */
  function skipBom(bytes: Uint8Array): number {
    let at = 0
    while (at < bytes.length && bomBytesSeen < BOM.length) {
      if (bytes[at] !== BOM[bomBytesSeen]) {
        keep(Uint8Array.from(BOM), 0, bomBytesSeen - at)
        bomBytesSeen = BOM.length
        return 0
      }
      at++
      bomBytesSeen++
    }
    return at
  }

  function tooLarge(): SseError {
    return new SseError(
      'event-too-large',
      `An event is over ${maxEventBytes} bytes: raise maxEventBytes, or send less in one event.`,
      { maxEventBytes },
    )
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

/** What follows a colon, without one space. */
function valueOf(text: string, colon: number, end: number): string {
  return text.slice(text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, end)
}

/** The place of the first line end at or after `at`, or -1. */
function lineEnd(bytes: Uint8Array, at: number): number {
  const near = Math.min(bytes.length, at + NEAR_BYTES)
  for (; at < near; at++) if (bytes[at] === LF || bytes[at] === CR) return at
  if (at === bytes.length) return -1
  const lf = findByte(bytes, LF, at)
  const cr = findByte(bytes, CR, at)
  return lf < 0 || (cr >= 0 && cr < lf) ? cr : lf
}

/** The place of the last line end, or -1. */
function lastLineEnd(bytes: Uint8Array): number {
  const near = Math.max(0, bytes.length - NEAR_BYTES)
  for (let at = bytes.length - 1; at >= near; at--) {
    if (bytes[at] === LF || bytes[at] === CR) return at
  }
  return Math.max(findLastByte(bytes, LF), findLastByte(bytes, CR))
}

/** The same text in one piece: engines keep a sum of strings as its parts until a character is asked for. */
function flat(text: string): string {
  text.charCodeAt(0)
  return text
}

function utf8Length(text: string): number {
  let length = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // Each half of a pair counts two of its four bytes; a lone one is sent as U+FFFD, three bytes.
    if (code < 0x80) length += 1
    else if (code < 0x800) length += 2
    else if (code >= 0xd800 && code < 0xdc00 && isLowSurrogate(text.charCodeAt(at + 1))) {
      length += 4
      at++
    } else length += 3
  }
  return length
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000
}
