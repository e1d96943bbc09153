/** Receiving: validates an event from the wire. A failure is a value, not an exception. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Stream, StreamEvent } from './define-stream.ts'
import { findHazard } from './json-limits.ts'
import { formatPath } from './errors.ts'

/** The maximum length of the data of one event in UTF-16 code units: 2^20. */
export const MAX_DATA_LENGTH = 1 << 20

/**
 * - `unknown-event`: the stream does not define the event.
 * - `too-long`: the data is longer than `MAX_DATA_LENGTH`.
 * - `not-json`: the data is not valid JSON.
 * - `too-deep`: the JSON is nested deeper than `MAX_JSON_DEPTH`.
 * - `forbidden-key`: the JSON contains a key that could reach a prototype, see `findHazard`.
 * - `invalid-data`: the schema rejected the value.
 * - `schema-failed`: the schema threw an exception or returned a promise.
 */
export type UnpackFailureCode =
  | 'unknown-event'
  | 'too-long'
  | 'not-json'
  | 'too-deep'
  | 'forbidden-key'
  | 'invalid-data'
  | 'schema-failed'

export interface UnpackFailure {
  readonly code: UnpackFailureCode
  readonly topic: string
  readonly event: string
  readonly id: string
  /** The location of the invalid value in the data, such as `items[2].price`. Empty for the data itself. */
  readonly path: string
  /** A description for developers. It can contain text from the peer: never insert it as HTML. */
  readonly reason: string
}

export type Unpacked<S extends Stream> =
  | { readonly ok: true; readonly value: StreamEvent<S> }
  | { readonly ok: false; readonly failure: UnpackFailure }

/**
 * Validates a received event against the contract of its stream. `event` is the name within the stream, without the
 * topic. Never throws.
 */
export function unpack<S extends Stream>(
  { topic, events }: S,
  received: { readonly event: string; readonly data: string; readonly id: string },
): Unpacked<S> {
  const { event, data, id } = received
  const coding = Object.hasOwn(events, event) ? events[event] : undefined
  if (!coding) return fail('unknown-event', `the stream ${topic} does not define this event`)
  if (data.length > MAX_DATA_LENGTH)
    return fail('too-long', `longer than ${MAX_DATA_LENGTH} characters`)

  let value: unknown = data
  let failing: UnpackFailureCode = 'not-json'
  try {
    if (coding.coding === 'json') {
      value = JSON.parse(data)
      const hazard = findHazard(value)
      if (hazard) return fail(hazard.code, hazard.reason, hazard.path)
    }
    failing = 'schema-failed'
    const result = coding.schema['~standard'].validate(value)
    if ('then' in result) {
      result.catch(() => undefined)
      return fail(failing, 'the schema is asynchronous')
    }
    if (result.issues) {
      const [issue] = result.issues
      return fail('invalid-data', issue?.message ?? 'the schema gave no reason', issue?.path)
    }
    // The lookup above checked the name and the schema checked the data: together they are one member of the union.
    return { ok: true, value: { event, data: result.value, id } as StreamEvent<S> }
  } catch (error) {
    return fail(failing, error instanceof Error ? error.message : String(error))
  }

  function fail(
    code: UnpackFailureCode,
    reason: string,
    path?: StandardSchemaV1.Issue['path'],
  ): Unpacked<S> {
    return { ok: false, failure: { code, topic, event, id, path: formatPath(path), reason } }
  }
}
