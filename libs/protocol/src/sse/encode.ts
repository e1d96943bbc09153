/**
 * Writes events as frames of a `text/event-stream`.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
import { SseError, type SseField } from './errors.ts'
import type { SseEvent } from './event.ts'
import { createUtf8Encoder } from './runtime.ts'

const LINE_BREAK = /\r\n|\r|\n/
const LINE_BREAKS = /\r\n|\r|\n/g
/** What ends an id's line, and NUL, with which the standard ignores the whole line. */
const NOT_IN_ID = /[\0\r\n]/
/** Controls (C0, DEL, C1) and Unicode's line separators: logs and lenient parsers break on them. */
const NOT_IN_EVENT = /[\p{Cc}\u2028\u2029]/u

const utf8 = createUtf8Encoder()

/**
 * One event as text that ends with a blank line. Without `data` nothing is dispatched by the
 * receiver, yet `id` and `retry` take effect; with none of the fields the text is a blank line only.
 *
 * A lone surrogate, which UTF-8 cannot carry, becomes U+FFFD.
 *
 * @throws {SseError} `invalid-field` for an id with CR, LF or NUL, an event with a control character
 *   or a line separator, a retry that is not a non-negative safe integer.
 */
export function encodeEvent(event: SseEvent): string {
  return wellFormed(frame(event))
}

/** As `encodeEvent`, as UTF-8 bytes. */
export function encodeEventBytes(event: SseEvent): Uint8Array {
  return utf8.encode(frame(event))
}

/** A comment, which dispatches nothing and keeps idle connections open; each line of it begins with a colon. */
export function encodeComment(text: string): string {
  return wellFormed(commentFrame(text))
}

/** As `encodeComment`, as UTF-8 bytes. */
export function encodeCommentBytes(text: string): Uint8Array {
  return utf8.encode(commentFrame(text))
}

function frame({ event, id, retry, data }: SseEvent): string {
  let text = ''
  if (event !== undefined && event !== '' && event !== 'message') text += eventLine(event)
  if (id !== undefined) text += idLine(id)
  if (retry !== undefined) text += retryLine(retry)
  if (data !== undefined) text += dataLines(data)
  return text + '\n'
}

function eventLine(event: string): string {
  if (NOT_IN_EVENT.test(event)) {
    throw refuse('event', 'it holds a control character or a line break; name the event without')
  }
  return `event: ${event}\n`
}

function idLine(id: string): string {
  if (NOT_IN_ID.test(id)) {
    throw refuse('id', 'it holds CR, LF or NUL; build ids from characters that a header can carry')
  }
  return `id: ${id}\n`
}

function retryLine(retry: number): string {
  if (!Number.isSafeInteger(retry) || retry < 0) {
    throw refuse('retry', 'it is not a non-negative whole number; give milliseconds, 3000 for one')
  }
  return `retry: ${retry}\n`
}

function dataLines(data: string): string {
  if (!LINE_BREAK.test(data)) return `data: ${data}\n`
  return `data: ${data.replace(LINE_BREAKS, '\ndata: ')}\n`
}

function commentFrame(text: string): string {
  return `: ${text.replace(LINE_BREAKS, '\n: ')}\n\n`
}

function wellFormed(text: string): string {
  // Without a lone surrogate, which is nearly always, this pattern finds nothing to replace.
  return text.replace(/\p{Surrogate}/gu, '\uFFFD')
}

function refuse(field: SseField, why: string): SseError {
  return new SseError('invalid-field', `The ${field} cannot be sent: ${why}.`, { field })
}
