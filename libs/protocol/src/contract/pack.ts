/** The way out: data is validated and written as text once, whoever receives it. */
import type { EventInput, EventName, Stream } from './define-stream.ts'
import { ContractError, type ContractErrorCode } from './errors.ts'
import { formatPath } from './standard-schema.ts'

/** An event ready to be encoded. */
export interface Packed {
  /** The event name within its stream: `message` for an unnamed event. */
  readonly event: string
  readonly data: string
}

/**
 * Validates data against its event's schema and writes it as text. What the schema lets through is
 * sent: a key that it drops never leaves the server.
 *
 * @throws {ContractError} `unknown-event`, `invalid-data` with `path`, or `async-schema`.
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
  const result = coding.schema['~standard'].validate(data)
  if ('then' in result) {
    result.catch(() => undefined)
    throw failure('async-schema', 'its schema is asynchronous; use a synchronous one')
  }
  if (result.issues) {
    const [issue] = result.issues
    const path = formatPath(issue?.path)
    throw failure(
      'invalid-data',
      `${path === '' ? 'the data' : path}: ${issue?.message ?? '?'}`,
      path,
    )
  }
  const { value } = result
  if (coding.coding === 'text') {
    if (typeof value === 'string') return { event, data: value }
    throw failure(
      'invalid-data',
      'text(schema) carries strings; use json(schema) for anything else',
    )
  }
  return { event, data: toJson(value) }

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
