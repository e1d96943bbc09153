/** What tabs that share a connection say to each other over a BroadcastChannel. */
import type { LinkError } from '../errors.ts'
import type { Received } from '../connection/received.ts'
import type { Core } from './core.ts'
import type { LinkStatus } from '../status.ts'
import type { WireFrame } from '../connection/wire-frames.ts'

/** An error crosses between tabs as its facts. */
export type SentStatus =
  | Exclude<LinkStatus, { readonly state: 'failed' }>
  | { readonly state: 'failed'; readonly facts: Omit<LinkError, 'name' | 'stack' | 'cause'> }

/** What the tab that leads says. */
export type LeaderMessage =
  /** It leads from now on; the others say what they want. */
  | { readonly type: 'leader' }
  /** Nothing but that it is awake. */
  | { readonly type: 'beat' }
  /** To all, or to the one tab whose wish for these topics the connection follows from now on. */
  | {
      readonly type: 'status'
      readonly status: SentStatus
      readonly to?: string
      readonly topics?: readonly string[]
    }
  | {
      readonly type: 'events'
      /** Counts from 0, anew whenever the leader went back to an earlier place: a tab sees whether it missed one. */
      readonly number: number
      /** The place where the count began. */
      readonly since: string
      readonly events: readonly Received[]
      /** The number of the first of the events. It counts on over all leaders, and tells a repeat on the plain format. */
      readonly first: number
      readonly place: string
    }
  /** Said where the tab that leads looks at the wire itself: the tabs of one application do, or do not. */
  | { readonly type: 'frame'; readonly frame: WireFrame }

/** What the others say. */
export type FollowerMessage =
  /** Which topics it reads, of which it needs the start, and how far it has read. */
  | {
      readonly type: 'want'
      readonly topics: readonly string[]
      readonly added: readonly string[]
      readonly place: string
      /** The number of the last event that it has read; 0 before the first. */
      readonly count: number
    }
  /** It has missed what came after this place, and takes nothing until the leader went back there. */
  | { readonly type: 'behind'; readonly place: string }
  | { readonly type: 'retry' }

export type Message = (LeaderMessage | FollowerMessage) & { readonly from: string }

export function toSent(status: LinkStatus): SentStatus {
  if (status.state !== 'failed') return status
  const { message, ...facts } = status.error
  return { state: 'failed', facts: { ...facts, message } }
}

export function fromSent({ LinkError }: Core, status: SentStatus): LinkStatus {
  if (status.state !== 'failed') return status
  const { code, message, ...facts } = status.facts
  return { state: 'failed', error: new LinkError(code, message, facts) }
}

const MAX_NAME_LENGTH = 128
const MAX_TOPICS = 256

/** A message as another tab of this version sends it; undefined for anything else. */
export function parseMessage(data: unknown): Message | undefined {
  return isObject(data) && isName(data['from']) && isMessage(data) ? (data as Message) : undefined
}

type Fields = Record<string, unknown>

function isMessage(data: Fields): boolean {
  switch (data['type']) {
    case 'leader':
    case 'beat':
    case 'retry':
      return true
    case 'status':
      return (
        isStatus(data['status']) &&
        (data['to'] === undefined || isName(data['to'])) &&
        (data['topics'] === undefined || isTopics(data['topics']))
      )
    case 'events':
      return (
        [data['number'], data['first']].every(isCount) &&
        [data['since'], data['place']].every(isString) &&
        Array.isArray(data['events']) &&
        data['events'].every(isReceived)
      )
    case 'frame': {
      const { frame } = data as { frame?: unknown }
      return (
        isObject(frame) &&
        isString(frame['text']) &&
        [frame['bytes'], frame['receivedAt']].every(isNumber)
      )
    }
    case 'want':
      return (
        isTopics(data['topics']) &&
        isTopics(data['added']) &&
        isString(data['place']) &&
        isCount(data['count'])
      )
    case 'behind':
      return isString(data['place'])
    default:
      return false
  }
}

function isStatus(status: unknown): boolean {
  if (!isObject(status)) return false
  const { state, since, attempt, retryAt, reason, facts } = status
  switch (state) {
    case 'idle':
      return true
    case 'connecting':
    case 'live':
    case 'stale':
    case 'offline':
      return isNumber(since)
    case 'reconnecting':
      return (
        [attempt, retryAt].every(isNumber) &&
        isObject(reason) &&
        [reason['code'], reason['message']].every(isString)
      )
    case 'ended':
      return isString(reason)
    case 'failed':
      return isObject(facts) && [facts['code'], facts['message']].every(isString)
    default:
      return false
  }
}

function isReceived(received: unknown): boolean {
  if (!isObject(received)) return false
  const { event, data, id, topic, hello, refused, dropped } = received
  return (
    [event, data, id].every(isString) &&
    (topic === undefined || isString(topic)) &&
    (hello === undefined || (isObject(hello) && isString(hello['outcome']))) &&
    (refused === undefined ||
      (isObject(refused) && [refused['topic'], refused['reason']].every(isString))) &&
    (dropped === undefined ||
      (isObject(dropped) && isString(dropped['topic']) && isCount(dropped['count'])))
  )
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}
function isString(value: unknown): value is string {
  return typeof value === 'string'
}
function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}
function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
function isName(value: unknown): boolean {
  return isString(value) && value.length <= MAX_NAME_LENGTH
}
function isTopics(value: unknown): boolean {
  return Array.isArray(value) && value.length <= MAX_TOPICS && value.every(isName)
}
