/**
 * Encodes events as frames of a `text/event-stream`.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
import { SseError, type SseField } from './errors.ts'
import type { SseEvent } from './event.ts'
import { joinLimit, toWellFormed, writeText } from './write-text.ts'

const LINE_BREAKS = /\r\n|\r|\n/g
/** Line breaks end the line of an id. The standard ignores an id that contains NUL. */
const NOT_IN_ID = /[\0\r\n]/
/** Control characters (C0, DEL, C1) and Unicode line separators, which break logs and lenient parsers. */
const NOT_IN_EVENT = /[\p{Cc}\u2028\u2029]/u

/**
 * Encodes one event as text that ends with a blank line. Without `data`, receivers dispatch no event, but `id` and
 * `retry` take effect.
 *
 * Data can be any text. CRLF, CR and LF each start a new `data` line and arrive as LF; a lone surrogate arrives as
 * U+FFFD, because UTF-8 cannot represent it. The time is linear in the length of the data.
 *
 * Clients send the id back in the `Last-Event-ID` header. HTTP trims white space at both ends of a header, rejects
 * control characters, and sends non-ASCII characters as UTF-8 bytes, which servers read as Latin-1. Use visible ASCII for
 * ids, so that they come back unchanged.
 *
 * @throws {SseError} `invalid-field` for an id that contains CR, LF or NUL; an event type that contains a control
 *   character or a line separator; a retry that is not an integer from 0 to 2^53 - 1.
 */
export function encodeEvent({ data, event, id, retry }: SseEvent): string {
  // Fewer concatenations are faster, so the end of a line and the start of the next one are one string.
  let text = ''
  if (event && event !== 'message') text = 'event: ' + line('event', event, NOT_IN_EVENT)
  if (id !== undefined) text = (text ? text + '\nid: ' : 'id: ') + line('id', id, NOT_IN_ID)
  if (retry !== undefined) {
    if (!Number.isSafeInteger(retry) || retry < 0) {
      throw invalidField('retry', 'use an integer of milliseconds')
    }
    text = (text ? text + '\nretry: ' : 'retry: ') + String(retry)
  }
  if (data !== undefined) text = (text ? text + '\ndata: ' : 'data: ') + lines(data, '\ndata: ')
  return text ? text + '\n\n' : '\n'
}

/** Like `encodeEvent`, as UTF-8 bytes. Short results can share an `ArrayBuffer`: copy them before a transfer. */
export function encodeEventBytes(event: SseEvent): Uint8Array {
  return writeText(encodeEvent(event))
}

/**
 * Encodes many events as one array of UTF-8 bytes. For small events, this takes half the time of encoding them one by
 * one. Throws like `encodeEvent`, and then returns nothing.
 */
export function encodeEventsBytes(events: Iterable<SseEvent>): Uint8Array {
  const parts: Uint8Array[] = []
  let text = ''
  for (const event of events) {
    text += encodeEvent(event)
    if (text.length > joinLimit()) {
      parts.push(writeText(text))
      text = ''
    }
  }
  const last = writeText(text)
  return parts.length === 0 ? last : concat([...parts, last])
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/**
 * Encodes a comment. Receivers dispatch no event for it; servers use comments to keep idle connections open. CRLF, CR and
 * LF in the text each start a new comment line.
 */
export function encodeComment(text: string): string {
  return `: ${lines(text, '\n: ')}\n\n`
}

/** Like `encodeComment`, as UTF-8 bytes. */
export function encodeCommentBytes(text: string): Uint8Array {
  return writeText(encodeComment(text))
}

/** Returns a value that fits in one line. Throws if it does not. */
function line(field: 'event' | 'id', value: string, forbidden: RegExp): string {
  if (isVisibleAscii(value)) return value
  if (forbidden.test(value)) throw invalidField(field, 'remove line breaks and control characters')
  return toWellFormed(value)
}

/** Replaces each line break of a text. */
function lines(text: string, lineBreak: string): string {
  const whole = toWellFormed(text)
  if (whole.indexOf('\r') >= 0) return whole.replace(LINE_BREAKS, lineBreak)
  // Without a CR, concatenating slices takes half the time of a regular expression.
  let written = ''
  let at = 0
  for (let lf = whole.indexOf('\n'); lf >= 0; lf = whole.indexOf('\n', at)) {
    written += whole.slice(at, lf) + lineBreak
    at = lf + 1
  }
  return written + whole.slice(at)
}

/** True for most ids and event types. For short text, a loop is faster than a regular expression. */
function isVisibleAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20 || code > 0x7e) return false
  }
  return true
}

function invalidField(field: SseField, advice: string): SseError {
  return new SseError('invalid-field', `Invalid ${field}: ${advice}.`, { field })
}
