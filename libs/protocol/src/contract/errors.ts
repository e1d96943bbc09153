/** The one error of contracts: a mistake of our own side, thrown where it is made. */

/**
 * - `invalid-topic`, `invalid-event-name`, `invalid-id`: a name or id outside the rules of names.ts.
 * - `invalid-contract`: a contract that contradicts itself.
 * - `unknown-event`: an event that the stream does not define.
 * - `invalid-data`: data that breaks its event's schema, or that JSON cannot carry.
 * - `async-schema`: a schema that answers with a promise; contracts validate synchronously.
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
  /** Where in the data, `items[2].price` for one; empty for the whole of it. */
  readonly path?: string
}

/** Thrown by `defineStream`, `instance`, `pack` and the name and id formatters. */
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
