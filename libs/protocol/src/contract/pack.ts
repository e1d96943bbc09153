/** Publishing: validates the data of an event and writes it as text, once for all receivers. */
import type { EventInput, EventName, Stream } from './define-stream.ts'
import { toWellFormed } from '../sse/write-text.ts'
import { ContractError, formatPath, type ContractErrorCode } from './errors.ts'
import { findHazard, isPlainJson } from './json-limits.ts'
import { MAX_DATA_LENGTH } from './unpack.ts'

/** A validated event, ready for the encoder. */
export interface Packed {
  /** The event name within its stream; `message` for an unnamed event. */
  readonly event: string
  /** JSON text, or the text itself; at most 2^20 UTF-16 code units. */
  readonly data: string
}

const NOT_PLAIN =
  'receivers get what JSON makes of this data: null for NaN, Infinity and undefined in an array, a string for a Date. Publish only values that JSON can represent'
const NOT_IDEMPOTENT =
  'the schema rejects or changes its own output, which receivers validate again. Make its transforms idempotent and their output valid input'

/**
 * Validates the data of an event and writes it as text. `unpack` accepts every event that `pack` returns.
 *
 * `pack` validates the data as receivers will read it: after JSON, or with LF line breaks and U+FFFD for lone
 * surrogates. It sends the output of the schema, so dropped keys never leave the server, and defaults and transforms
 * are applied. If the output differs from the data, `pack` also checks that the schema returns its own output
 * unchanged, because receivers validate it again.
 *
 * @throws {ContractError} `unknown-event`; `async-schema`; `invalid-data` with a `path` for data that the schema
 *   rejects, that JSON cannot represent, that exceeds a limit of `unpack` (length, depth, forbidden keys), or whose
 *   schema rejects or changes its own output. An exception of the schema is rethrown unchanged.
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
    throw failure('unknown-event', `it is not one of the events of the stream: ${known}`)
  }
  const { coding: kind, schema } = coding
  const text = write(data)
  // Plain data equals its own JSON text read back, so skip the parse: 20 to 40 % less CPU time per call.
  const isPlain = kind === 'text' || isPlainJson(data)
  const sent = write(
    validate(isPlain && kind === 'json' ? data : read(text), isPlain ? '' : NOT_PLAIN),
  )
  if (sent !== text && write(validate(read(sent), NOT_IDEMPOTENT)) !== sent)
    throw failure('invalid-data', NOT_IDEMPOTENT)
  if (sent.length <= MAX_DATA_LENGTH) return { event, data: sent }
  throw failure(
    'invalid-data',
    `the data has ${sent.length} characters, and receivers accept at most ${MAX_DATA_LENGTH}. Send a reference instead`,
  )

  function write(value: unknown): string {
    if (kind === 'json') return toJson(value)
    if (typeof value !== 'string') {
      throw failure(
        'invalid-data',
        'text(schema) requires a string; use json(schema) for other values',
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
    throw failure(
      'invalid-data',
      `${hazard.reason}, which receivers reject. Restructure the data`,
      path,
    )
  }

  function validate(value: unknown, hint: string): unknown {
    const result = schema['~standard'].validate(value)
    if ('then' in result) {
      result.catch(() => undefined)
      throw failure('async-schema', 'its schema is asynchronous. Use a synchronous schema')
    }
    if (!result.issues) return result.value
    const [issue] = result.issues
    const path = formatPath(issue?.path)
    const why = `${path === '' ? 'the data' : path}: ${issue?.message ?? 'the schema gave no reason'}`
    throw failure('invalid-data', hint === '' ? why : `${why} (${hint})`, path)
  }

  function toJson(value: unknown): string {
    let written: unknown
    try {
      written = JSON.stringify(value)
    } catch (cause) {
      throw failure('invalid-data', `JSON cannot represent the data (${String(cause)})`)
    }
    if (typeof written === 'string') return written
    throw failure('invalid-data', `JSON cannot represent a value of type ${typeof value}`)
  }

  function failure(code: ContractErrorCode, why: string, path = ''): ContractError {
    return new ContractError(
      code,
      `Cannot publish the event ${event} on the topic ${topic}: ${why}.`,
      {
        topic,
        event,
        path,
      },
    )
  }
}
