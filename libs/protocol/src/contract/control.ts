/**
 * The control events of a multiplexed stream, PROTOCOL.md section 5.1. A hub sends them; a client handles them and
 * does not deliver them to its subscribers.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { json, type Stream } from './define-stream.ts'
import { RESERVED_PREFIX } from './names.ts'

/**
 * - `fresh`: the client sent no last event ID.
 * - `resumed`: every event after the last event ID follows.
 * - `gap`: events were lost; each topic starts as for a new subscriber.
 */
export type ResumeOutcome = 'fresh' | 'resumed' | 'gap'

/** `downlink.hello`: the first event of a connection. */
export interface Hello {
  /** The heartbeat interval in milliseconds: the server sends something at least this often. 0: no heartbeats. */
  readonly heartbeatMs: number
  readonly outcome: ResumeOutcome
  /** With `gap`: `bad-id`, `unknown-epoch`, `trimmed`, `lost` or `future`. Later versions may add reasons. */
  readonly reason?: string
}

/** `downlink.refused`: the connection does not carry a requested topic. Follows the first `downlink.hello`. */
export interface Refused {
  readonly topic: string
  /** `unknown`: no such topic. `forbidden`: the client may not read it. Later versions may add reasons. */
  readonly reason: string
}

/** `downlink.dropped`: the subscriber was slow, and a stream with `overflow: 'conflate'` skipped events. */
export interface Dropped {
  readonly topic: string
  /** How many events were skipped. */
  readonly count: number
}

/** `downlink.health`: whether the server can reach its event log. A connection is `ok` until it is told otherwise. */
export interface Health {
  /** `degraded`: the connection stays open, and events come again when the log does. */
  readonly state: 'degraded' | 'ok'
}

/** `downlink.bye`: the last event of a connection that the server ends. */
export interface Bye {
  readonly reason: string
  /** When to reconnect, in milliseconds from now. Null: do not reconnect. */
  readonly reconnectMs: number | null
}

type Check = (value: unknown) => string | undefined

const OUTCOMES: readonly unknown[] = ['fresh', 'resumed', 'gap'] satisfies ResumeOutcome[]

const count: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0
    ? undefined
    : 'expected an integer of at least 0'
const string: Check = (value) => (typeof value === 'string' ? undefined : 'expected a string')
const outcome: Check = (value) =>
  OUTCOMES.includes(value) ? undefined : 'expected fresh, resumed or gap'
const healthState: Check = (value) =>
  value === 'degraded' || value === 'ok' ? undefined : 'expected degraded or ok'
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value)
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null ? undefined : check(value)

/** The contract of the control events, for `pack` and `unpack`. */
export const control = Object.freeze({
  topic: 'downlink',
  events: Object.freeze({
    'downlink.hello': json(
      record<Hello>({ heartbeatMs: count, outcome, reason: optional(string) }),
    ),
    'downlink.refused': json(record<Refused>({ topic: string, reason: string })),
    'downlink.dropped': json(record<Dropped>({ topic: string, count })),
    'downlink.health': json(record<Health>({ state: healthState })),
    'downlink.bye': json(record<Bye>({ reason: string, reconnectMs: nullable(count) })),
  }),
  overflow: 'disconnect',
}) satisfies Stream

/** Whether an event type is a control event, including one that this version does not know. */
export function isControlEvent(event: string): boolean {
  return event.startsWith(RESERVED_PREFIX)
}

/** A schema for an object with known keys. It drops unknown keys, because later versions may add some. */
function record<T extends object>(checks: Record<keyof T, Check>): StandardSchemaV1<T> {
  return { '~standard': { version: 1, vendor: 'downlink', validate } }

  function validate(value: unknown): { value: T } | { issues: StandardSchemaV1.Issue[] } {
    if (typeof value !== 'object' || value === null)
      return { issues: [{ message: 'expected an object' }] }
    const known: Partial<Record<keyof T, unknown>> = {}
    for (const key of Object.keys(checks) as (keyof T)[]) {
      const member = Object.hasOwn(value, key) ? (value as T)[key] : undefined
      const message = checks[key](member)
      if (message !== undefined) return { issues: [{ message, path: [key] }] }
      if (member !== undefined) known[key] = member
    }
    // TypeScript does not see that the loop has checked each key.
    return { value: known as T }
  }
}
