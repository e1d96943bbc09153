/**
 * Reads a `text/event-stream` from chunks of any size, bytes or text.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 *
 * The hot path, so one file. Chunks become text whole: one long decoding is far cheaper than many short
 * ones, line ends are found by the engine's own search, and values are slices of the chunk, which is
 * never joined with another: of a line that two chunks share, only that line is.
 */
import { SseError } from './errors.ts'
import type { DecodedEvent } from './event.ts'
import { bytesOf, createUtf8Decoder, readText } from './read-text.ts'

const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58
/** The letter that `data` begins with. */
const D = 100
const BOM = 0xfeff
/** The first byte that is no character by itself. */
const NON_ASCII = 0x80
/** The type of an event that names none. */
const MESSAGE = 'message'

/** The default of `maxEventBytes`: 16 MiB. */
export const DEFAULT_MAX_EVENT_BYTES = 16 * 1024 * 1024

/** Pieces of text below this size take more memory than their characters. */
const SMALL_LENGTH = 64
/** So many of those, or of data lines, are joined to one text: until then each takes some 64 bytes more. */
const PIECES_PER_JOIN = 16_384
/** Up to this size bytes become text in much the same time either way. */
const SHORT_BYTES = 512
/** UTF-8 takes at most three bytes for each UTF-16 code unit. */
const BYTES_PER_UNIT = 3
/** What a line that counts begins with; a comment counts if somebody listens. */
const USED_LINE = /^(?:data|event|id|retry):/
const USED_LINE_OR_COMMENT = /^(?:data|event|id|retry|):/
/** More than the longest of these and a space. */
const HEAD_LENGTH = 16
/** What an ignored line over the bound is cut down to: the name of no field. */
const IGNORED_LINE = 'x'
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
  const decoder = createUtf8Decoder()

  // The buffers of the standard, "interpreting an event stream".
  let idBuffer = lastEventId
  let eventType = MESSAGE
  let data = ''
  let dataLines = 0
  /** The data lines before those of `data`. */
  let earlier = ''
  let earlierLines = 0
  /** How many more code units of data are within the bound for certain. */
  let room = safeLength

  /** The unfinished line, and before it what was joined of its many small pieces. */
  let tail = ''
  let head = ''
  let pieces = 0
  /** The last chunk ended with a CR, whose LF may be the first of the next. */
  let afterCr = false
  /** Nothing was read yet, so a BOM may come. */
  let atStart = true
  let ended = false
  /** The decoder may hold the beginning of a character. */
  let cut = false
  /** The last long chunk held more than ASCII, and so may the next. */
  let wide = false

  return {
    push(chunk) {
      if (ended) throw new SseError('decoder-ended', 'Ended: create another.')
      ended = true
      const text = typeof chunk === 'string' ? afterCut() + chunk : textOf(chunk)
      if (text !== '') readChunk(text)
      ended = false
    },
    get lastEventId() {
      return lastEventId
    },
  }

  /** The text that a chunk completes. A character that it cuts waits in the decoder. */
  function textOf(bytes: Uint8Array): string {
    const { length } = bytes
    if (length === 0) return ''
    const whole = !cut
    cut = (bytes[length - 1] as number) >= NON_ASCII
    const long = length > SHORT_BYTES
    const text =
      whole && !cut && !(long && wide)
        ? readText(bytes, decoder)
        : decoder.decode(bytes, { stream: true })
    if (long) wide = text.length < length
    return text
  }

  /** What is left of a character that a text interrupts. */
  function afterCut(): string {
    if (!cut) return ''
    cut = false
    return decoder.decode(new Uint8Array(0), { stream: false })
  }

  function readChunk(text: string): void {
    let at =
      (afterCr && text.charCodeAt(0) === LF) || (atStart && text.charCodeAt(0) === BOM) ? 1 : 0
    atStart = false
    const cr = text.indexOf('\r')
    afterCr = cr >= 0 && text.charCodeAt(text.length - 1) === CR
    if (tail !== '') {
      const lf = text.indexOf('\n', at)
      const end = cr >= 0 && (lf < 0 || cr < lf) ? cr : lf
      if (end < 0) {
        keep(text)
        return
      }
      const line = head + tail + text.slice(at, end + 1)
      tail = head = ''
      readLine(line, 0, line.length - 1)
      at = end === cr && lf === cr + 1 ? end + 2 : end + 1
    }
    at = cr < 0 ? readLines(text, at) : readMixedLines(text, at)
    if (at < text.length) keep(at === 0 ? text : text.slice(at))
  }

  /** Keeps a part of a line that has not ended. */
  function keep(text: string): void {
    if (text.length < SMALL_LENGTH && ++pieces % PIECES_PER_JOIN === 0) {
      head += joined(tail)
      tail = text
    } else tail += text
    if (head.length + tail.length > maxEventBytes + HEAD_LENGTH) {
      // Over the bound: an error if the line counts, and else it is cut short.
      const used = onComment ? USED_LINE_OR_COMMENT : USED_LINE
      if (used.test(head + tail)) throw tooLarge()
      tail = IGNORED_LINE
      head = ''
    }
  }

  /**
   * Reads the whole lines of a text without a CR, and says where the rest begins. Here and below no place
   * past a text's end is asked for: after one such answer V8 takes several times as long for each.
   */
  function readLines(text: string, start: number): number {
    const last = text.length - 1
    let at = start
    for (;;) {
      let lf = text.indexOf('\n', at)
      if (lf < 0) return at
      if (!isDataLine(text, at)) readLine(text, at, lf)
      else if (
        dataLines === 0 &&
        lf < last &&
        text.charCodeAt(lf + 1) === LF &&
        lf - at <= safeLength
      ) {
        // One data line is the whole of most events, and no buffer is touched for it.
        const event = eventType
        eventType = MESSAGE
        lastEventId = idBuffer
        const value = valueOf(text, at + 4, lf++)
        onEvent({ event, data: value, id: lastEventId })
      } else {
        // Lines that follow each other are taken with their line ends, which costs less than adding them.
        let from = valueStart(text, at + 4)
        let lines = ''
        let more = 1
        for (; more < PIECES_PER_JOIN; more++) {
          const end = text.indexOf('\n', lf + 1)
          if (end < 0 || !isDataLine(text, lf + 1)) break
          lines += text.slice(from, lf + 1)
          from = valueStart(text, lf + 5)
          lf = end
        }
        addData(lines + text.slice(from, lf), more)
      }
      at = lf + 1
    }
  }

  /** As `readLines`, for text with a CR in it. Both searches remember their last find, so each passes once over the text. */
  function readMixedLines(text: string, start: number): number {
    let at = start
    let lf = -1
    let cr = -1
    for (;;) {
      if (lf < at) lf = next(text, '\n', at)
      if (cr < at) cr = next(text, '\r', at)
      const end = lf < cr ? lf : cr
      if (end === text.length) return at
      readLine(text, at, end)
      at = end + 1
      if (end === cr && lf === at) at++
    }
  }

  /** One line, without its end: "process the field", or dispatch where it is blank. */
  function readLine(text: string, at: number, end: number): void {
    if (at === end) dispatch()
    else if (isDataLine(text, at)) addData(valueOf(text, at + 4, end))
    else if (text.charCodeAt(at) === COLON) onComment?.(bounded(valueOf(text, at, end)))
    else if (text.startsWith('event:', at)) setEvent(valueOf(text, at + 5, end))
    else if (text.startsWith('id:', at)) setId(valueOf(text, at + 2, end))
    else readField(text.slice(at, end))
  }

  /** "Process the field", in any of its forms. */
  function readField(line: string): void {
    const colon = line.indexOf(':')
    const nameEnd = colon < 0 ? line.length : colon
    const name = line.slice(0, nameEnd)
    const value = valueOf(line, nameEnd, line.length)
    if (name === 'data') addData(value)
    else if (name === 'event') setEvent(value)
    else if (name === 'id') setId(value)
    else if (name === 'retry' && DIGITS.test(bounded(value))) onRetry?.(Number(value))
  }

  function setEvent(value: string): void {
    eventType = bounded(value) || MESSAGE
  }

  function setId(value: string): void {
    if (bounded(value).indexOf('\0') < 0) idBuffer = value
  }

  /** Adds a line or more to the data. */
  function addData(value: string, lines = 1): void {
    if (dataLines === 0) data = value
    else if (dataLines - earlierLines < PIECES_PER_JOIN) data = data + '\n' + value
    else {
      earlier += joined(data + '\n')
      earlierLines = dataLines
      data = value
    }
    dataLines += lines
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
    const event = eventType
    eventType = MESSAGE
    if (dataLines === 0) return
    const whole = earlier + data
    data = ''
    earlier = ''
    dataLines = earlierLines = 0
    room = safeLength
    onEvent({ event, data: whole, id: lastEventId })
  }

  function tooLarge(): SseError {
    return new SseError('event-too-large', 'Event over maxEventBytes: raise it.', {
      maxEventBytes,
    })
  }
}

/** The same text. Engines keep a sum of strings as its parts until a character is asked for. */
function joined(text: string): string {
  text.charCodeAt(0)
  return text
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
  return text.slice(valueStart(text, colon), end)
}

function valueStart(text: string, colon: number): number {
  return text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1
}
