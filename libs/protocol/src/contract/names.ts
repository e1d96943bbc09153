/** Topics, event names and event ids: the rules in sections 2 and 3 of PROTOCOL.md. */
import { ContractError } from './errors.ts'

/** The maximum length of a topic, of an event name and of an event id, in characters. */
export const MAX_NAME_LENGTH = 128
/** The prefix of control events. Topics and event names of an application must not begin with it. */
export const RESERVED_PREFIX = 'downlink.'

const TOPIC = /^[A-Za-z0-9][A-Za-z0-9._~-]*(?:\/[A-Za-z0-9][A-Za-z0-9._~-]*)*$/
const EVENT = /^[^\0-\x20\x7f-\xa0/\u2028\u2029\p{Surrogate}]+$/u
const EVENT_ID = /^([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)-(0|[1-9][0-9]{0,15})$/

/** The position of an event in the history of a hub. */
export interface EventId {
  /** Identifies one history; changes when the history restarts. Letters, digits and inner hyphens. */
  readonly epoch: string
  /** Increases over all topics of the hub: an integer from 0 to 2^53 - 1. */
  readonly seq: number
}

/**
 * Writes an id as `<epoch>-<seq>`.
 *
 * @throws {ContractError} `invalid-id` if the epoch or the seq is malformed, or the id is longer than 128 characters.
 */
export function formatEventId({ epoch, seq }: EventId): string {
  const text = `${epoch}-${seq}`
  if (parseEventId(text)) return text
  throw new ContractError(
    'invalid-id',
    `Invalid event id: epoch ${JSON.stringify(epoch)}, seq ${seq}. Use letters, digits and inner hyphens for the epoch, and an integer from 0 to 2^53 - 1 for the seq; at most ${MAX_NAME_LENGTH} characters together.`,
  )
}

/** Parses an id. Returns undefined for every text that `formatEventId` cannot write. */
export function parseEventId(text: string): EventId | undefined {
  const match = text.length <= MAX_NAME_LENGTH ? EVENT_ID.exec(text) : null
  const [, epoch, digits] = match ?? []
  const seq = Number(digits)
  if (epoch === undefined || !Number.isSafeInteger(seq)) return undefined
  return { epoch, seq }
}

/** The event type on a multiplexed stream: `<topic>/<event>`. Does not validate its arguments. */
export function formatEventName(topic: string, event: string): string {
  return `${topic}/${event}`
}

/** Splits a multiplexed event type at its last slash. Returns undefined if the topic or the event would be empty. */
export function parseEventName(name: string): { topic: string; event: string } | undefined {
  const slash = name.lastIndexOf('/')
  if (slash <= 0 || slash === name.length - 1) return undefined
  return { topic: name.slice(0, slash), event: name.slice(slash + 1) }
}

/**
 * Whether a topic is valid: segments separated by `/`, each of `A-Z a-z 0-9 . _ ~ -` and beginning with a letter or a
 * digit; at most 128 characters; neither `downlink` nor a name that begins with `downlink.`.
 */
export function isTopic(topic: string): boolean {
  return (
    topic.length <= MAX_NAME_LENGTH && TOPIC.test(topic) && !`${topic}.`.startsWith(RESERVED_PREFIX)
  )
}

/**
 * Whether an event name is valid: 1 to 128 characters without slash, space, control character or lone surrogate; not
 * beginning with `downlink.`; neither `error` nor `open`, which an EventSource dispatches itself.
 */
export function isEventName(event: string): boolean {
  return (
    event.length <= MAX_NAME_LENGTH &&
    EVENT.test(event) &&
    event !== 'error' &&
    event !== 'open' &&
    !event.startsWith(RESERVED_PREFIX)
  )
}
