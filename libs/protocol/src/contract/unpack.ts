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
  stream: S,
  received: { readonly event: string; readonly data: string; readonly id: string },
): Unpacked<S> {
  const { event, data, id } = received
  const coding = Object.hasOwn(stream.events, event) ? stream.events[event] : undefined
  if (coding === undefined) return fail('unknown-event', `${stream.topic} defines no such event`)
  if (data.length > MAX_DATA_LENGTH) {
    return fail('too-long', `${data.length} characters, over the limit of ${MAX_DATA_LENGTH}`)
  }

  let value: unknown = data
  if (coding.coding === 'json') {
    try {
      value = JSON.parse(data)
    } catch (error) {
      return fail('not-json', messageOf(error))
    }
    const hazard = findHazard(value)
    if (hazard) return fail(hazard.code, hazard.reason, hazard.path)
  }

  try {
    const result = coding.schema['~standard'].validate(value)
    if ('then' in result) {
      result.catch(() => undefined)
      return fail('schema-failed', 'the schema is asynchronous')
    }
    if (result.issues) return fail('invalid-data', ...firstIssue(result.issues))
    // The schema vouches for the data, and the lookup above for the name: together one member of the union.
    return { ok: true, value: { event, data: result.value, id } as StreamEvent<S> }
  } catch (error) {
    return fail('schema-failed', messageOf(error))
  }

  function fail(code: UnpackFailureCode, reason: string, path = ''): Unpacked<S> {
    return { ok: false, failure: { code, topic: stream.topic, event, id, path, reason } }
  }
}

function firstIssue(issues: readonly SchemaIssue[]): [reason: string, path: string] {
  const [issue] = issues
  return [issue?.message ?? 'the schema gave no reason', formatPath(issue?.path)]
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
