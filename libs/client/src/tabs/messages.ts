/** The messages that tabs with a shared connection send to each other over a BroadcastChannel. */
import type { ReceivedEvent } from '../connection/received-event.ts'
import type { WireFrame } from '../connection/wire-frames.ts'
import { LinkError } from '../errors.ts'
import type { LinkStatus } from '../status.ts'

/** A status as it is sent: an error is replaced by its fields, because structured cloning loses its class. */
export type SentStatus =
  | Exclude<LinkStatus, { readonly state: 'failed' }>
  | { readonly state: 'failed'; readonly facts: Omit<LinkError, 'name' | 'stack' | 'cause'> }

/** What the leader sends. */
export type LeaderMessage =
  /** This tab leads from now on. The others answer with their topics. */
  | { readonly type: 'leader' }
  /** The leader is alive. */
  | { readonly type: 'heartbeat' }
  /** To all tabs, or to the one tab for which the connection requests `topics` from now on. */
  | {
      readonly type: 'status'
      readonly status: SentStatus
      readonly to?: string
      readonly topics?: readonly string[]
    }
  | {
      readonly type: 'events'
      /** Counts from 0, and from 0 again after the leader went back: a tab detects a batch that it missed. */
      readonly batch: number
      /** The last event ID before batch 0. */
      readonly startId: string
      readonly events: readonly ReceivedEvent[]
      /** The number of the first event. Numbers continue across leaders, and identify duplicates on the plain format. */
      readonly firstNumber: number
      /** The last event ID after these events. */
      readonly lastEventId: string
    }
  /** Sent if the leader has `onFrame`: the tabs of one application all have it, or none has it. */
  | { readonly type: 'frame'; readonly frame: WireFrame }

/** What the other tabs send. */
export type FollowerMessage =
  /** The topics that the tab reads, those of which it needs the start, and the last event that it received. */
  | {
      readonly type: 'topics'
      readonly topics: readonly string[]
      readonly missingTopics: readonly string[]
      readonly lastEventId: string
      /** The number of that event. 0 before the first. */
      readonly lastNumber: number
    }
  /** The tab missed what followed this event, and ignores all batches until the leader goes back there. */
  | { readonly type: 'behind'; readonly lastEventId: string }
  | { readonly type: 'retry' }

export type Message = (LeaderMessage | FollowerMessage) & { readonly from: string }

export function toSentStatus(status: LinkStatus): SentStatus {
  if (status.state !== 'failed') return status
  const { message, ...facts } = status.error
  return { state: 'failed', facts: { ...facts, message } }
}

export function fromSentStatus(status: SentStatus): LinkStatus {
  if (status.state !== 'failed') return status
  const { code, message, ...facts } = status.facts
  return { state: 'failed', error: new LinkError(code, message, facts) }
}

const MAX_NAME_LENGTH = 128
const MAX_TOPICS = 256

/** Returns a valid message, and undefined for anything else: any page of the origin can send anything. */
export function parseMessage(data: unknown): Message | undefined {
  return isObject(data) && isName(data['from']) && isMessage(data) ? (data as Message) : undefined
}

type Fields = Record<string, unknown>

function isMessage(data: Fields): boolean {
  switch (data['type']) {
    case 'leader':
    case 'heartbeat':
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
        [data['batch'], data['firstNumber']].every(isCount) &&
        [data['startId'], data['lastEventId']].every(isString) &&
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
    case 'topics':
      return (
        isTopics(data['topics']) &&
        isTopics(data['missingTopics']) &&
        isString(data['lastEventId']) &&
        isCount(data['lastNumber'])
      )
    case 'behind':
      return isString(data['lastEventId'])
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
