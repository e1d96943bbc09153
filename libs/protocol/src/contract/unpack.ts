/** The way in: what came over the wire is validated, and a failure is a value, not an exception. */
import type { Stream, StreamEvent } from './define-stream.ts'
import { findHazard } from './json-limits.ts'
import { formatPath, type SchemaIssue } from './standard-schema.ts'

/** The most UTF-16 code units that the data of one event may have: 2^20. */
export const MAX_DATA_LENGTH = 1 << 20

/**
 * - `unknown-event`: the stream defines no such event.
 * - `too-long`: the data is over `MAX_DATA_LENGTH`.
 * - `not-json`: the data is not JSON text.
 * - `too-deep`: the JSON is nested deeper than `MAX_JSON_DEPTH`.
 * - `forbidden-key`: the JSON holds a key that could reach a prototype.
 * - `invalid-data`: the schema refused the value.
 * - `schema-failed`: the schema threw, or answered with a promise.
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
  /** Where in the data: `items[2].price`; empty for the whole of it. */
  readonly path: string
  /** Why, in words. May quote the peer: show it as text only. */
  readonly reason: string
}

export type Unpacked<S extends Stream> =
  | { readonly ok: true; readonly value: StreamEvent<S> }
  | { readonly ok: false; readonly failure: UnpackFailure }

/** Reads one received event under a stream's contract. Never throws. */
export function unpack<S extends Stream>(
  { topic, events }: S,
  received: { readonly event: string; readonly data: string; readonly id: string },
): Unpacked<S> {
  const { event, data, id } = received
  const coding = Object.hasOwn(events, event) ? events[event] : undefined
  if (!coding) return fail('unknown-event', `${topic} defines no such event`)
  if (data.length > MAX_DATA_LENGTH) return fail('too-long', `over ${MAX_DATA_LENGTH} characters`)

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
    // The schema vouches for the data, and the lookup above for the name: together one member of the union.
    return { ok: true, value: { event, data: result.value, id } as StreamEvent<S> }
  } catch (error) {
    return fail(failing, error instanceof Error ? error.message : String(error))
  }

  function fail(code: UnpackFailureCode, reason: string, path?: SchemaIssue['path']): Unpacked<S> {
    return { ok: false, failure: { code, topic, event, id, path: formatPath(path), reason } }
  }
}
