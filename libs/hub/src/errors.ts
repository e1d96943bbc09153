/** The one error of the hub: a mistake of the caller, thrown where it is made. */

/**
 * - `closed`: the hub is closing or closed and takes no more sources, or is closed and takes no more events.
 * - `no-topics`: a subscription without a topic.
 * - `too-many-topics`: a plain subscription to more than one topic, whose event names could clash.
 * - `invalid-option`: an option outside its range.
 * - `event-too-large`: an event over `maxEventBytes`.
 * - `source-exists`: a second source for one topic.
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
