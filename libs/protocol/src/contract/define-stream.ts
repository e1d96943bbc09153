/** Contracts: what a stream is called, what it carries, and what a slow reader of it gets. */
import { ContractError } from './errors.ts'
import { isEventName, isTopic } from './names.ts'
import type { StandardSchema } from './standard-schema.ts'

/** How an event's data is checked and written on the wire. */
export interface Coding<Input = unknown, Output = Input> {
  readonly coding: 'json' | 'text'
  readonly schema: StandardSchema<Input, Output>
}

/** The events of a stream by name; unnamed events are keyed `message`. */
export type Events = Readonly<Record<string, Coding>>

/**
 * What happens to a subscriber that cannot keep up: `conflate` keeps the latest event of each name, `disconnect` ends
 * its connection, and the client resumes from its last event ID.
 */
export type Overflow = 'conflate' | 'disconnect'

/** A contract. Made by `defineStream`, used as a value by both ends. */
export interface Stream<Topic extends string = string, E extends Events = Events> {
  readonly topic: Topic
  readonly events: E
  readonly overflow: Overflow
  /** The events after which nothing follows, where the stream ends by itself. */
  readonly finalEvents?: readonly string[] | undefined
}

/** The names of a stream's events. */
export type EventName<S extends Stream> = keyof S['events'] & string

/** What may be published as event `E`. */
export type EventInput<S extends Stream, E extends EventName<S>> =
  S['events'][E] extends Coding<infer Input> ? Input : never

/** What a receiver of event `E` gets. */
export type EventData<S extends Stream, E extends EventName<S>> =
  S['events'][E] extends Coding<unknown, infer Output> ? Output : never

/** Any event of a stream: `if (e.event === 'complete') e.data` has that event's type. */
export type StreamEvent<S extends Stream> = {
  [E in EventName<S>]: {
    readonly event: E
    readonly data: EventData<S, E>
    /** The last event ID string. */
    readonly id: string
  }
}[EventName<S>]

/**
 * Data that travels as JSON. The schema validates on both ends, always what JSON carries: never a Date, a Map,
 * NaN or Infinity. The publisher sends the schema's output, and the receiver validates that again, so a schema
 * must accept its own output, written as JSON, and give the same again. Defaults, dropped keys, `trim` and
 * `toLowerCase` do; a transform to another type does where its JSON form is accepted: from an ISO string to a
 * Date, `publish` takes the string and the receiver gets the Date. `pack` rejects an event of which this is not true.
 */
export function json<Input, Output>(schema: StandardSchema<Input, Output>): Coding<Input, Output> {
  return { coding: 'json', schema }
}

/** Text that travels as it is, with LF for each line break. The same rule holds for its schema as for `json`. */
export function text<Input extends string, Output extends string>(
  schema: StandardSchema<Input, Output>,
): Coding<Input, Output> {
  return { coding: 'text', schema }
}

/**
 * A stream's contract, frozen.
 *
 * @throws {ContractError} `invalid-topic` or `invalid-event-name` for names outside the rules of
 *   `isTopic` and `isEventName`, `invalid-contract` without events or with an unknown `finalEvents`.
 */
export function defineStream<const Topic extends string, const E extends Events>(definition: {
  readonly topic: Topic
  readonly events: E
  readonly overflow: Overflow
  /** Names of events after which nothing follows on the topic, as `complete` and `cancelled`. */
  readonly finalEvents?: readonly (keyof E & string)[]
}): Stream<Topic, E> {
  const { topic, events, overflow, finalEvents } = definition
  checkTopic(topic)
  const names = Object.keys(events)
  for (const event of names) {
    if (isEventName(event)) continue
    throw new ContractError(
      'invalid-event-name',
      `${topic} cannot have an event named ${JSON.stringify(event)}: see isEventName for the rules.`,
      { topic, event },
    )
  }
  if (names.length === 0) {
    throw new ContractError('invalid-contract', `${topic} has no events: define one.`, { topic })
  }
  for (const event of finalEvents ?? []) {
    if (Object.hasOwn(events, event)) continue
    throw new ContractError(
      'invalid-contract',
      `${topic} cannot have the final event ${JSON.stringify(event)}: its events are ${names.join(', ')}.`,
      { topic, event },
    )
  }
  return Object.freeze({
    topic,
    events: Object.freeze({ ...events }),
    overflow,
    finalEvents: finalEvents && Object.freeze([...finalEvents]),
  })
}

/**
 * The same contract on the topic `<topic>/<id>`: one of many alike, a training run for one.
 *
 * @throws {ContractError} `invalid-topic` for an id that is no segment of a topic.
 */
export function instance<Topic extends string, E extends Events, Id extends string>(
  stream: Stream<Topic, E>,
  id: Id,
): Stream<`${Topic}/${Id}`, E> {
  const topic = `${stream.topic}/${id}` as const
  checkTopic(topic)
  return Object.freeze({ ...stream, topic })
}

function checkTopic(topic: string): void {
  if (isTopic(topic)) return
  throw new ContractError(
    'invalid-topic',
    `No topic can be named ${JSON.stringify(topic)}: see isTopic for the rules.`,
    { topic },
  )
}
