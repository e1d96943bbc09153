/** Contracts: the topic of a stream, its events with their schemas, and its overflow policy. PROTOCOL.md section 2. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ContractError } from './errors.ts'
import { isEventName, isTopic } from './names.ts'

/** How the data of an event is validated and written on the wire. Created by `json` and `text`. */
export interface Coding<Input = unknown, Output = Input> {
  readonly coding: 'json' | 'text'
  readonly schema: StandardSchemaV1<Input, Output>
}

/** The events of a stream by name. The key `message` stands for events without a name on the wire. */
export type Events = Readonly<Record<string, Coding>>

/**
 * What happens to a subscriber that cannot keep up: `conflate` keeps the latest event of each name, `disconnect` ends
 * its connection, and the client resumes from its last event ID.
 */
export type Overflow = 'conflate' | 'disconnect'

/** How much of a topic's history is kept, on top of the limits of the event log. An absent limit is the log's. */
export interface History {
  /** 0 or more. */
  readonly maxEvents?: number
  /** Bytes of names and data as UTF-8, 0 or more. */
  readonly maxBytes?: number
  /** Milliseconds, 0 or more. */
  readonly maxAgeMs?: number
}

/** A contract. `defineStream` creates it; the server and the client import the same value. */
export interface Stream<Topic extends string = string, E extends Events = Events> {
  readonly topic: Topic
  readonly events: E
  readonly overflow: Overflow
  /** The events that end the stream: no event follows one of these. Undefined if the stream never ends. */
  readonly finalEvents?: readonly string[] | undefined
  /** Limits of the topic's history, so that a flood on one topic does not evict the history of another. */
  readonly history?: History | undefined
}

/** The event names of a stream. */
export type EventName<S extends Stream> = keyof S['events'] & string

/** The data that a publisher passes for event `E`: the input type of its schema. */
export type EventInput<S extends Stream, E extends EventName<S>> =
  S['events'][E] extends Coding<infer Input> ? Input : never

/** The data that a receiver gets for event `E`: the output type of its schema. */
export type EventData<S extends Stream, E extends EventName<S>> =
  S['events'][E] extends Coding<unknown, infer Output> ? Output : never

/** A union of the events of a stream. Comparing `event` narrows the type of `data`. */
export type StreamEvent<S extends Stream> = {
  [E in EventName<S>]: {
    readonly event: E
    readonly data: EventData<S, E>
    /** The last event ID, empty if the server has not sent one. */
    readonly id: string
  }
}[EventName<S>]

/**
 * Data that is sent as JSON. The schema must be synchronous. Both ends validate with it, and both validate what JSON
 * can represent: never a Date, a Map, NaN or Infinity.
 *
 * `pack` sends the output of the schema, and the receiver validates that output again. The schema must therefore
 * accept its own output, written as JSON, and return the same value again. Defaults, dropped keys, `trim` and
 * `toLowerCase` satisfy this. So does a transform from an ISO string to a Date: the publisher passes the string, and
 * the receiver gets the Date. `pack` throws `invalid-data` for an event whose schema does not satisfy it.
 */
export function json<Input, Output>(
  schema: StandardSchemaV1<Input, Output>,
): Coding<Input, Output> {
  return { coding: 'json', schema }
}

/** Data that is sent as text; CRLF and CR arrive as LF. The rules for the schema are the same as for `json`. */
export function text<Input extends string, Output extends string>(
  schema: StandardSchemaV1<Input, Output>,
): Coding<Input, Output> {
  return { coding: 'text', schema }
}

/**
 * Defines the contract of a stream. The result is frozen.
 *
 * @throws {ContractError} `invalid-topic` or `invalid-event-name` for a name that `isTopic` or `isEventName` rejects;
 *   `invalid-contract` if there are no events, a final event is not among them, or a history limit is below 0.
 */
export function defineStream<const Topic extends string, const E extends Events>(definition: {
  readonly topic: Topic
  readonly events: E
  readonly overflow: Overflow
  /** Names of the events that end the stream, such as `['complete', 'cancelled']`. Default: it never ends. */
  readonly finalEvents?: readonly (keyof E & string)[]
  /** Default: the limits of the event log alone. */
  readonly history?: History
}): Stream<Topic, E> {
  const { topic, events, overflow, finalEvents, history } = definition
  checkTopic(topic)
  const names = Object.keys(events)
  for (const event of names) {
    if (isEventName(event)) continue
    throw new ContractError(
      'invalid-event-name',
      `Invalid event name ${JSON.stringify(event)} on the topic ${topic}. Use 1 to 128 characters without slash, space or control character; error, open and names that begin with downlink. are reserved.`,
      { topic, event },
    )
  }
  if (names.length === 0) {
    throw new ContractError(
      'invalid-contract',
      `The stream ${topic} has no events. Define at least one.`,
      { topic },
    )
  }
  for (const event of finalEvents ?? []) {
    if (Object.hasOwn(events, event)) continue
    throw new ContractError(
      'invalid-contract',
      `The final event ${JSON.stringify(event)} of the stream ${topic} is not one of its events: ${names.join(', ')}.`,
      { topic, event },
    )
  }
  for (const limit of ['maxEvents', 'maxBytes', 'maxAgeMs'] as const) {
    const value = history?.[limit]
    if (value === undefined || value >= 0) continue
    throw new ContractError(
      'invalid-contract',
      `Invalid history limit ${limit} = ${value} of the stream ${topic}. Use a number from 0.`,
      { topic },
    )
  }
  return Object.freeze({
    topic,
    events: Object.freeze({ ...events }),
    overflow,
    finalEvents: finalEvents && Object.freeze([...finalEvents]),
    ...(history && { history: Object.freeze({ ...history }) }),
  })
}

/**
 * The same contract on the topic `<topic>/<id>`, for example one training run of many.
 *
 * @throws {ContractError} `invalid-topic` if `<topic>/<id>` is not a valid topic.
 */
export function instance<Topic extends string, E extends Events, Id extends string>(
  stream: Stream<Topic, E>,
  id: Id,
): Stream<`${Topic}/${Id}`, E> {
  const topic = `${stream.topic}/${id}` as const
  checkTopic(topic)
  return Object.freeze({ ...stream, topic })
}

/**
 * The same contract with only the named events, as for a subscriber that is to receive only those. Its final events are
 * the ones among them.
 *
 * @throws {ContractError} `unknown-event` for a name that the stream does not define, `invalid-contract` without names.
 */
export function pickEvents<
  Topic extends string,
  E extends Events,
  const Name extends keyof E & string,
>(stream: Stream<Topic, E>, names: readonly Name[]): Stream<Topic, Pick<E, Name>> {
  const { topic, events, overflow, finalEvents } = stream
  for (const event of names) {
    if (Object.hasOwn(events, event)) continue
    throw new ContractError(
      'unknown-event',
      `Cannot pick the event ${JSON.stringify(event)} of ${topic}: its events are ${Object.keys(events).join(', ')}.`,
      { topic, event },
    )
  }
  const isPicked = (name: string): name is Name => (names as readonly string[]).includes(name)
  const picked = Object.fromEntries(names.map((name) => [name, events[name]])) as Pick<E, Name>
  return defineStream<Topic, Pick<E, Name>>({
    topic,
    events: picked,
    overflow,
    ...(finalEvents && { finalEvents: finalEvents.filter(isPicked) }),
  })
}

function checkTopic(topic: string): void {
  if (isTopic(topic)) return
  throw new ContractError(
    'invalid-topic',
    `Invalid topic ${JSON.stringify(topic)}. Use segments of letters, digits, ., _, ~ and -, separated by /, at most 128 characters; downlink is reserved.`,
    { topic },
  )
}
