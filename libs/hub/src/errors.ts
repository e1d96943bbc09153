/** The error class of the hub: a mistake of the caller, thrown at once. */

/**
 * - `closed`: a source was added after `close`, or an event was published after the hub had closed.
 * - `no-topics`: a subscription without a topic.
 * - `too-many-topics`: a plain subscription to more than one topic; their event names could be equal.
 * - `invalid-option`: an option is out of range or malformed; `option` names it.
 * - `event-too-large`: the data of an event exceeds `maxEventBytes`.
 * - `source-exists`: the topic has a source already.
 */
export type HubErrorCode =
  | 'closed'
  | 'no-topics'
  | 'too-many-topics'
  | 'invalid-option'
  | 'event-too-large'
  | 'source-exists'

export interface HubErrorFacts {
  readonly topic?: string
  readonly option?: string
  readonly limit?: number
  readonly actual?: number
}

export class HubError extends Error {
  override readonly name = 'HubError'
  readonly code: HubErrorCode
  readonly topic: string | undefined
  readonly option: string | undefined
  readonly limit: number | undefined
  readonly actual: number | undefined

  constructor(code: HubErrorCode, message: string, facts: HubErrorFacts = {}) {
    super(message)
    this.code = code
    this.topic = facts.topic
    this.option = facts.option
    this.limit = facts.limit
    this.actual = facts.actual
  }
}
