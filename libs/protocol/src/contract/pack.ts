/** The way out: data is written as text, and validated as a receiver will read it, once for all receivers. */
import type { EventInput, EventName, Stream } from './define-stream.ts'
import { toWellFormed } from '../sse/write-text.ts'
import { ContractError, type ContractErrorCode } from './errors.ts'
import { findHazard, isPlainJson } from './json-limits.ts'
import { formatPath } from './standard-schema.ts'
import { MAX_DATA_LENGTH } from './unpack.ts'

/** An event ready to be encoded. */
export interface Packed {
  /** The event name within its stream: `message` for an unnamed event. */
  readonly event: string
  readonly data: string
}

const NOT_PLAIN =
  'JSON changes this data, and receivers get what JSON makes of it: null for NaN, Infinity and undefined in an array, a string for a Date. Publish only what JSON carries'
const NOT_ITS_OWN =
  'its schema does not accept its own output unchanged, which receivers validate again. Make its transforms idempotent, and let them give only what the schema accepts'

/**
 * Writes data as text and validates it as receivers will read it: after JSON, or with the line breaks and the
 * well-formed Unicode of Server-Sent Events. The schema's output is sent: keys that it drops never leave the
 * server, and its defaults and transforms are applied. Because receivers validate that output again, it must come
 * out unchanged; where the output differs from the data, `pack` checks this. So every event that `pack` returns is
 * accepted by `unpack`.
 *
 * @throws {ContractError} `unknown-event`; `async-schema`; `invalid-data` with `path`, for data that the schema
 *   rejects, that JSON cannot carry, that is over the limits of `unpack` (length, depth, forbidden keys), or whose
 *   schema rejects or changes its own output. An error that the schema throws is thrown as it is.
 */
export function pack<S extends Stream, E extends EventName<S>>(
  stream: S,
  event: E,
  data: EventInput<S, E>,
): Packed {
  const { topic, events } = stream
  const coding = Object.hasOwn(events, event) ? events[event] : undefined
  if (coding === undefined) {
    const known = Object.keys(events).join(', ')
    throw failure('unknown-event', `it is not among its events: ${known}`)
  }
  const { coding: kind, schema } = coding
  const text = write(data)
  // JSON text of plain data need not be parsed: a fifth to two fifths less CPU time, for a number as for 20 objects.
  const isPlain = kind === 'text' || isPlainJson(data)
  const sent = write(
    validate(isPlain && kind === 'json' ? data : read(text), isPlain ? '' : NOT_PLAIN),
  )
  if (sent !== text && write(validate(read(sent), NOT_ITS_OWN)) !== sent)
    throw failure('invalid-data', NOT_ITS_OWN)
  if (sent.length <= MAX_DATA_LENGTH) return { event, data: sent }
  throw failure(
    'invalid-data',
    `${sent.length} characters are over the ${MAX_DATA_LENGTH} that receivers accept. Send a reference instead`,
  )

  /** The text that a receiver gets. */
  function write(value: unknown): string {
    if (kind === 'json') return toJson(value)
    if (typeof value !== 'string') {
      throw failure(
        'invalid-data',
        'text(schema) carries strings; use json(schema) for anything else',
      )
    }
    // https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
    const lines = value.includes('\r') ? value.replace(/\r\n?/g, '\n') : value
    return toWellFormed(lines)
  }

  function read(written: string): unknown {
    if (kind === 'text') return written
    const value: unknown = JSON.parse(written)
    const hazard = findHazard(value)
    if (!hazard) return value
    const path = formatPath(hazard.path)
    throw failure('invalid-data', `${hazard.reason}, and receivers reject it. Restructure it`, path)
  }

  function validate(value: unknown, hint: string): unknown {
    const result = schema['~standard'].validate(value)
    if ('then' in result) {
      result.catch(() => undefined)
      throw failure('async-schema', 'its schema is asynchronous; use a synchronous one')
    }
    if (!result.issues) return result.value
    const [issue] = result.issues
    const path = formatPath(issue?.path)
    const why = `${path === '' ? 'the data' : path}: ${issue?.message ?? '?'}`
    throw failure('invalid-data', hint === '' ? why : `${why} (${hint})`, path)
  }

  function toJson(value: unknown): string {
    let written: unknown
    try {
      written = JSON.stringify(value)
    } catch (cause) {
      throw failure('invalid-data', `JSON cannot carry it (${String(cause)})`)
    }
    if (typeof written === 'string') return written
    throw failure('invalid-data', `JSON cannot carry it (${typeof value})`)
  }

  function failure(code: ContractErrorCode, why: string, path = ''): ContractError {
    return new ContractError(code, `${topic} cannot publish ${event}: ${why}.`, {
      topic,
      event,
      path,
    })
  }
}
