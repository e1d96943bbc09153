/**
 * Describes streams as an OpenAPI 3.2 document: each item of a stream is an object of `event`, `data`, `id` and
 * `retry`. https://spec.openapis.org/oas/v3.2.0.html#special-considerations-for-server-sent-events
 */
import type { control } from './control.ts'
import type { Coding, Stream } from './define-stream.ts'
import { formatEventName } from './names.ts'
import type { StandardSchema } from './standard-schema.ts'

/** A JSON Schema of draft 2020-12, as OpenAPI 3.2 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>> | boolean

export interface OpenApiInfo {
  readonly title: string
  readonly version: string
  readonly summary?: string
  readonly description?: string
}

export interface OpenApiOptions {
  /**
   * The JSON Schema of a stream's schema, from the schema library's own converter. Default: what the schema says of
   * itself under Standard JSON Schema, and any value where it says nothing.
   */
  readonly jsonSchemaOf?: (schema: StandardSchema) => JsonSchema
}

/** One path: a stream as it is, or several that a client chooses from by `?topic=`. */
export type StreamPath = Stream | readonly Stream[]

export interface OpenApiDocument {
  readonly openapi: '3.2.0'
  readonly info: OpenApiInfo
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** The dialect that schemas are asked for. */
const JSON_SCHEMA_TARGET = 'draft-2020-12'

const milliseconds = { type: 'integer', minimum: 0 }

/** The control events in JSON Schema: only documents need it, so it is not a part of what clients load. */
const CONTROL_SCHEMAS: Readonly<Record<keyof typeof control.events, JsonSchema>> = {
  'downlink.hello': {
    type: 'object',
    properties: {
      heartbeatMs: milliseconds,
      outcome: { enum: ['fresh', 'resumed', 'gap'] },
      reason: { type: 'string' },
    },
    required: ['heartbeatMs', 'outcome'],
  },
  'downlink.refused': {
    type: 'object',
    properties: { topic: { type: 'string' }, reason: { type: 'string' } },
    required: ['topic', 'reason'],
  },
  'downlink.dropped': {
    type: 'object',
    properties: { topic: { type: 'string' }, count: { type: 'integer', minimum: 0 } },
    required: ['topic', 'count'],
  },
  'downlink.bye': {
    type: 'object',
    properties: {
      reason: { type: 'string' },
      reconnectMs: { anyOf: [milliseconds, { type: 'null' }] },
    },
    required: ['reason', 'reconnectMs'],
  },
}

/**
 * A document with one `GET` for each path. Streams that stand in an array of their own are served at `/<topic>`.
 *
 * A path with several streams is described as multiplexed: event names are `<topic>/<event>`, and the control events
 * are among them.
 */
export function toOpenApi(
  streams: Readonly<Record<string, StreamPath>> | readonly Stream[],
  info: OpenApiInfo,
  { jsonSchemaOf = ownJsonSchema }: OpenApiOptions = {},
): OpenApiDocument {
  const byPath = isList(streams)
    ? Object.fromEntries(streams.map((stream) => [`/${stream.topic}`, stream]))
    : streams
  const paths = Object.entries(byPath).map(([path, served]) => [
    path,
    { get: isList(served) ? multiplexed(served) : plain(served) },
  ])
  return { openapi: '3.2.0', info, paths: Object.fromEntries(paths) as OpenApiDocument['paths'] }

  function plain(stream: Stream): object {
    return operation(
      `The stream ${stream.topic}`,
      branches(stream, (event) => event),
      [],
    )
  }

  function multiplexed(several: readonly Stream[]): object {
    const items = several.flatMap((stream) =>
      branches(stream, (event) => formatEventName(stream.topic, event)),
    )
    const steering = Object.entries(CONTROL_SCHEMAS).map(([event, schema]) =>
      item(event, 'json', schema),
    )
    const topics = several.map(({ topic }) => topic)
    return operation(
      `The streams ${topics.join(', ')} on one connection`,
      [...items, ...steering],
      [
        {
          name: 'topic',
          in: 'query',
          required: true,
          description: 'A topic to subscribe to; repeated for several.',
          schema: { type: 'array', items: { type: 'string', enum: topics }, minItems: 1 },
        },
      ],
    )
  }

  function branches(stream: Stream, nameOf: (event: string) => string): object[] {
    return Object.entries(stream.events).map(([event, { coding, schema }]) =>
      item(nameOf(event), coding, jsonSchemaOf(schema)),
    )
  }
}

function item(event: string, coding: Coding['coding'], schema: JsonSchema): object {
  return {
    type: 'object',
    properties: {
      event: { const: event },
      data:
        coding === 'json'
          ? { type: 'string', contentMediaType: 'application/json', contentSchema: schema }
          : textSchema(schema),
      id: { type: 'string', description: 'What Last-Event-ID resumes after.' },
      retry: { ...milliseconds, description: 'The reconnection time, in ms.' },
    },
    // An event without a name is a `message`.
    required: event === 'message' ? ['data'] : ['event', 'data'],
  }
}

function operation(summary: string, items: readonly object[], parameters: object[]): object {
  return {
    summary,
    parameters: [
      ...parameters,
      {
        name: 'Last-Event-ID',
        in: 'header',
        description: 'The id of the last event received: the stream goes on after it.',
        schema: { type: 'string' },
      },
    ],
    responses: {
      200: {
        description: 'Events, as they happen.',
        content: {
          'text/event-stream': { itemSchema: items.length === 1 ? items[0] : { oneOf: items } },
        },
      },
      204: { description: 'The stream has ended: do not reconnect.' },
    },
  }
}

/** What a schema says of itself. https://standardschema.dev/json-schema */
function ownJsonSchema(schema: StandardSchema): JsonSchema {
  const standard = schema['~standard'] as {
    readonly jsonSchema?: { output(options: { target: string }): JsonSchema }
  }
  return standard.jsonSchema?.output({ target: JSON_SCHEMA_TARGET }) ?? true
}

function textSchema(described: JsonSchema): JsonSchema {
  return typeof described === 'object' ? described : { type: 'string' }
}

/** `Array.isArray` knows nothing of read-only arrays. */
function isList(
  value: StreamPath | Readonly<Record<string, StreamPath>>,
): value is readonly Stream[] {
  return Array.isArray(value)
}
