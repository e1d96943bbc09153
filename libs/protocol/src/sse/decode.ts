/**
 * Reads a `text/event-stream` from chunks of any size, bytes or text.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
import { SseError } from './errors.ts'
import type { DecodedEvent } from './event.ts'
import { createUtf8Decoder, createUtf8Encoder } from './runtime.ts'

const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58
const BOM = [0xef, 0xbb, 0xbf]
/** `event: `, the most that a known field's line has before its value. */
const LONGEST_PREFIX = 7
const NO_BYTES = new Uint8Array(0)
const DIGITS_ONLY = /^[0-9]+$/

/** The default of `maxEventBytes`: 16 MiB. */
export const DEFAULT_MAX_EVENT_BYTES = 16 * 1024 * 1024

export interface DecoderOptions {
  /** Called for each event, at the end of its blank line. */
  readonly onEvent: (event: DecodedEvent) => void
  /** Called with a new reconnection time in milliseconds, at the end of its own line. It may be any size: clamp it before it reaches a timer. */
  readonly onRetry?: ((retryMs: number) => void) | undefined
  /** Called with each comment line, without its colon and one following space. */
  readonly onComment?: ((text: string) => void) | undefined
  /** The most bytes that the data of one event, or any one line, may have. 16 MiB by default. Beyond it `push` throws. */
  readonly maxEventBytes?: number | undefined
  /** The last event ID string to begin with: that of the connection before. Empty by default. */
  readonly lastEventId?: string | undefined
}

export interface Decoder {
  /**
   * Takes the next chunk and calls the handlers for whatever it completes. What is unfinished when a
   * stream ends is dropped, as the standard says: there is nothing to flush.
   *
   * @throws {SseError} `event-too-large` beyond `maxEventBytes`, `decoder-ended` ever after.
   */
  push(chunk: Uint8Array | string): void
  /** The last event ID string: what `Last-Event-ID` carries on the next connection. */
  readonly lastEventId: string
}

/** A decoder for one response. Each new connection needs a new one. */
export function createDecoder(options: DecoderOptions): Decoder {
  const { onEvent, onRetry, onComment, maxEventBytes = DEFAULT_MAX_EVENT_BYTES } = options
  const utf8 = createUtf8Decoder()
  const encoder = createUtf8Encoder()

  let lastEventId = options.lastEventId ?? ''
  let idBuffer = lastEventId
  let eventType = ''
  let data: string[] = []
  let dataBytes = 0

  let line: Uint8Array = NO_BYTES
  let lineLength = 0
  let bomBytesSeen = 0
  let afterCr = false
  let ended = false

  return {
    push(chunk) {
      if (ended) throw new SseError('decoder-ended', 'This decoder has ended: create a new one.')
      ended = true
      read(typeof chunk === 'string' ? encoder.encode(chunk) : chunk)
      ended = false
    },
    get lastEventId() {
      return lastEventId
    },
  }

  function read(bytes: Uint8Array): void {
    let start = 0
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]
      if (byte === LF && afterCr) {
        afterCr = false
        start = at + 1
        continue
      }
      afterCr = byte === CR
      if (byte !== LF && byte !== CR) continue
      keep(bytes.subarray(start, at))
      start = at + 1
      endLine()
    }
    keep(bytes.subarray(start))
  }

  function keep(bytes: Uint8Array): void {
    const needed = lineLength + bytes.length
    if (needed > line.length) {
      const grown = new Uint8Array(Math.max(needed, line.length * 2))
      grown.set(line.subarray(0, lineLength))
      line = grown
    }
    line.set(bytes, lineLength)
    lineLength = needed
    if (bomBytesSeen < BOM.length) dropBom()
    if (lineLength > maxEventBytes + LONGEST_PREFIX) throw tooLarge()
  }

  function dropBom(): void {
    while (bomBytesSeen < lineLength && line[bomBytesSeen] === BOM[bomBytesSeen]) bomBytesSeen++
    if (bomBytesSeen === BOM.length) {
      line.copyWithin(0, BOM.length, lineLength)
      lineLength -= BOM.length
    } else if (bomBytesSeen < lineLength) {
      bomBytesSeen = BOM.length
    }
  }

  function endLine(): void {
    bomBytesSeen = BOM.length
    const whole = line.subarray(0, lineLength)
    lineLength = 0
    if (whole.length === 0) {
      dispatch()
      return
    }
    const colon = whole.indexOf(COLON)
    const nameEnd = colon < 0 ? whole.length : colon
    const valueStart = colon < 0 ? nameEnd : colon + (whole[colon + 1] === SPACE ? 2 : 1)
    const value = whole.subarray(valueStart)
    if (colon === 0) onComment?.(utf8.decode(value))
    else field(utf8.decode(whole.subarray(0, nameEnd)), value)
  }

  function field(name: string, value: Uint8Array): void {
    if (value.length > maxEventBytes && isKnown(name)) throw tooLarge()
    if (name === 'data') {
      dataBytes += value.length + 1
      if (dataBytes - 1 > maxEventBytes) throw tooLarge()
      data.push(utf8.decode(value))
    } else if (name === 'event') {
      eventType = utf8.decode(value)
    } else if (name === 'id') {
      if (!value.includes(0)) idBuffer = utf8.decode(value)
    } else if (name === 'retry') {
      const digits = utf8.decode(value)
      if (DIGITS_ONLY.test(digits)) onRetry?.(Number(digits))
    }
  }

  function isKnown(name: string): boolean {
    return name === 'data' || name === 'event' || name === 'id' || name === 'retry'
  }

  function dispatch(): void {
    lastEventId = idBuffer
    const event = eventType === '' ? 'message' : eventType
    eventType = ''
    if (data.length === 0) return
    const joined = data.join('\n')
    data = []
    dataBytes = 0
    onEvent({ event, data: joined, id: lastEventId })
  }

  function tooLarge(): SseError {
    return new SseError(
      'event-too-large',
      `An event is over ${maxEventBytes} bytes: raise maxEventBytes, or send less in one event.`,
      { maxEventBytes },
    )
  }
}
