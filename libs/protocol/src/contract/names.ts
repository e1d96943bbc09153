/** Names and ids on a multiplexed stream: `<topic>/<event>` and `<epoch>-<seq>`. */
import { ContractError } from './errors.ts'

/** The most characters that a topic, an event name or an epoch may have. */
export const MAX_NAME_LENGTH = 128
/** The prefix of control events; no topic and no event of an application begins with it. */
export const RESERVED_PREFIX = 'downlink.'

const TOPIC = /^[A-Za-z0-9][A-Za-z0-9._~-]*(?:\/[A-Za-z0-9][A-Za-z0-9._~-]*)*$/
const EVENT = /^[^\0-\x20\x7f-\xa0/\u2028\u2029\p{Surrogate}]+$/u
const EVENT_ID = /^([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)-(0|[1-9][0-9]{0,15})$/

/** The place of an event in a hub's history. */
export interface EventId {
  /** Changes when the history starts anew; letters, digits and inner hyphens. */
  readonly epoch: string
  /** Counts up over all topics of the hub. */
  readonly seq: number
}

/** `<epoch>-<seq>`. @throws {ContractError} `invalid-id` outside the form. */
export function formatEventId({ epoch, seq }: EventId): string {
  const text = `${epoch}-${seq}`
  if (parseEventId(text)) return text
  throw new ContractError(
    'invalid-id',
    `No event id can be made of epoch ${JSON.stringify(epoch)} and seq ${seq}: use letters and digits, and a whole number from 0.`,
  )
}

/** The parts of an id, or undefined for any text that `formatEventId` never writes. */
export function parseEventId(text: string): EventId | undefined {
  const match = text.length <= MAX_NAME_LENGTH ? EVENT_ID.exec(text) : null
  const [, epoch, digits] = match ?? []
  const seq = Number(digits)
  if (epoch === undefined || !Number.isSafeInteger(seq)) return undefined
  return { epoch, seq }
}

/** The event type of `event` of `topic` on a multiplexed stream. */
export function formatEventName(topic: string, event: string): string {
  return `${topic}/${event}`
}

/** Topic and event of a multiplexed event type, parted at its last slash; undefined where there is none. */
export function parseEventName(name: string): { topic: string; event: string } | undefined {
  const slash = name.lastIndexOf('/')
  if (slash <= 0 || slash === name.length - 1) return undefined
  return { topic: name.slice(0, slash), event: name.slice(slash + 1) }
}

/** Whether a topic may be named so: URL-safe segments between slashes, not reserved, at most 128 characters. */
export function isTopic(topic: string): boolean {
  return (
    topic.length <= MAX_NAME_LENGTH && TOPIC.test(topic) && !`${topic}.`.startsWith(RESERVED_PREFIX)
  )
}

/**
 * Whether an event may be named so: no slash, space or control character, not reserved, at most 128
 * characters, and neither `error` nor `open`, which an EventSource dispatches itself.
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
