/** The error that contracts throw for a mistake of the calling code, and the path format that it reports. */
import type { StandardSchemaV1 } from '@standard-schema/spec'

/**
 * - `invalid-topic`, `invalid-event-name`, `invalid-id`: a name or an id that breaks the rules in names.ts.
 * - `invalid-contract`: a stream without events, a final event that the stream does not define, or a duplicate topic
 *   in a catalog.
 * - `unknown-event`: an event that the stream does not define.
 * - `invalid-data`: data that its schema rejects, that JSON cannot represent, or that receivers would reject.
 * - `async-schema`: a schema whose validation returns a promise. Contracts validate synchronously.
 */
export type ContractErrorCode =
  | 'invalid-topic'
  | 'invalid-event-name'
  | 'invalid-id'
  | 'invalid-contract'
  | 'unknown-event'
  | 'invalid-data'
  | 'async-schema'

export interface ContractErrorFacts {
  readonly topic?: string
  readonly event?: string
  /** The location of the invalid value in the data, such as `items[2].price`. Empty for the data itself. */
  readonly path?: string
}

/** Thrown by `defineStream`, `instance`, `createCatalog`, `pack` and `formatEventId`. */
export class ContractError extends Error {
  override readonly name = 'ContractError'
  readonly code: ContractErrorCode
  readonly topic: string | undefined
  readonly event: string | undefined
  readonly path: string | undefined

  constructor(code: ContractErrorCode, message: string, facts: ContractErrorFacts = {}) {
    super(message)
    this.code = code
    this.topic = facts.topic
    this.event = facts.event
    this.path = facts.path
  }
}

/** Writes the path of a schema issue as text, such as `prices[2].value`. Empty for the whole value. */
export function formatPath(path: StandardSchemaV1.Issue['path']): string {
  let text = ''
  for (const segment of path ?? []) {
    const key = typeof segment === 'object' ? segment.key : segment
    if (typeof key === 'number') text += `[${key}]`
    else text += text === '' ? String(key) : `.${String(key)}`
  }
  return text
}
