/** The control events of a multiplexed stream, which a hub sends and a client keeps to itself. */
import { json, type Stream } from './define-stream.ts'
import { RESERVED_PREFIX } from './names.ts'
import type { SchemaIssue, StandardSchema } from './standard-schema.ts'

/** Whether a connection starts anew, continues after the last event ID, or has lost events between. */
export type ResumeOutcome = 'fresh' | 'resumed' | 'gap'

/** The first event of a connection. */
export interface Hello {
  /** The longest silence to expect, in milliseconds: a comment comes at least that often. */
  readonly heartbeatMs: number
  readonly outcome: ResumeOutcome
  /** Why there is a gap. */
  readonly reason?: string
}

/**
 * The connection carries nothing of one topic that the client asked for. Follows `downlink.hello`, once for each
 * such topic.
 */
export interface Refused {
  readonly topic: string
  /** `unknown`: the server has no such topic. `forbidden`: this client may not read it. Others may be added. */
  readonly reason: string
}

/** Events of a `latest` topic were left out for a slow reader. */
export interface Dropped {
  readonly topic: string
  readonly count: number
}

/** The last event of a connection that the server ends. */
export interface Bye {
  readonly reason: string
  /** When to come back, in milliseconds from now; null: do not. */
  readonly reconnectMs: number | null
}

type Check = (value: unknown) => string | undefined

const OUTCOMES: readonly unknown[] = ['fresh', 'resumed', 'gap'] satisfies ResumeOutcome[]

const wholeNumber: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0
    ? undefined
    : 'expected a whole number from 0'
const string: Check = (value) => (typeof value === 'string' ? undefined : 'expected a string')
const outcome: Check = (value) =>
  OUTCOMES.includes(value) ? undefined : 'expected fresh, resumed or gap'
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value)
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null ? undefined : check(value)

/** The contract of the control events; `pack` and `unpack` take it as any other. */
export const control = Object.freeze({
  topic: 'downlink',
  events: Object.freeze({
    'downlink.hello': json(
      record<Hello>({ heartbeatMs: wholeNumber, outcome, reason: optional(string) }),
    ),
    'downlink.refused': json(record<Refused>({ topic: string, reason: string })),
    'downlink.dropped': json(record<Dropped>({ topic: string, count: wholeNumber })),
    'downlink.bye': json(record<Bye>({ reason: string, reconnectMs: nullable(wholeNumber) })),
  }),
  overflow: 'disconnect',
}) satisfies Stream

/** Whether an event type belongs to the control events, known to this version or not. */
export function isControlEvent(event: string): boolean {
  return event.startsWith(RESERVED_PREFIX)
}

/** A schema of an object's known keys; further ones are dropped, so that later versions may add some. */
function record<T extends object>(checks: Record<keyof T, Check>): StandardSchema<T> {
  return { '~standard': { version: 1, vendor: 'downlink', validate } }

  function validate(value: unknown): { value: T } | { issues: SchemaIssue[] } {
    if (typeof value !== 'object' || value === null)
      return { issues: [{ message: 'expected an object' }] }
    const known: Partial<Record<keyof T, unknown>> = {}
    for (const key of Object.keys(checks) as (keyof T)[]) {
      const member = Object.hasOwn(value, key) ? (value as T)[key] : undefined
      const message = checks[key](member)
      if (message !== undefined) return { issues: [{ message, path: [key] }] }
      if (member !== undefined) known[key] = member
    }
    // Each key was just checked.
    return { value: known as T }
  }
}
