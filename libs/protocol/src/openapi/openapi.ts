/**
 * Describes streams as an OpenAPI 3.2 document: each event is an object with `event`, `data`, `id` and `retry`.
 * https://spec.openapis.org/oas/v3.2.0.html#special-considerations-for-server-sent-events
 */
import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import type { control } from '../contract/control.ts'
import type { Coding, Stream } from '../contract/define-stream.ts'
import { formatEventName } from '../contract/names.ts'

/** A JSON Schema, draft 2020-12, the dialect of OpenAPI 3.2. `true` accepts any value. */
export type JsonSchema = Readonly<Record<string, unknown>> | boolean

export interface OpenApiInfo {
  readonly title: string
  readonly version: string
  readonly summary?: string
  readonly description?: string
}

export interface OpenApiOptions {
  /**
   * Converts the schema of an event to JSON Schema, with the converter of the schema library. Default: the schema's
   * own Standard JSON Schema method, or `true` if it has none.
   */
  readonly jsonSchemaOf?: (schema: StandardSchemaV1) => JsonSchema
}

/** The streams of one path: one plain stream, or the streams that a client selects with `?topic=`. */
export type StreamPath = Stream | readonly Stream[]

export interface OpenApiDocument {
  readonly openapi: '3.2.0'
  readonly info: OpenApiInfo
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const JSON_SCHEMA_TARGET = 'draft-2020-12'

const milliseconds = { type: 'integer', minimum: 0 }

/** JSON Schemas of the control events. They are not in control.ts because clients do not need them. */
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
  'downlink.health': {
    type: 'object',
    properties: { state: { enum: ['degraded', 'ok'] } },
    required: ['state'],
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
 * Creates an OpenAPI document with one `GET` operation per path. Given an array of streams, it uses the paths
 * `/<topic>`.
 *
 * A path with an array of streams is described as multiplexed: event names are `<topic>/<event>`, and the control
 * events are included.
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
    const controlEvents = Object.entries(CONTROL_SCHEMAS).map(([event, schema]) =>
      item(event, 'json', schema),
    )
    const topics = several.map(({ topic }) => topic)
    return operation(
      `The streams ${topics.join(', ')} on one connection`,
      [...items, ...controlEvents],
      [
        {
          name: 'topic',
          in: 'query',
          required: true,
          description: 'A topic to subscribe to. Repeat the parameter for several topics.',
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
      id: {
        type: 'string',
        description: 'The event ID. Send the last one as Last-Event-ID to resume after it.',
      },
      retry: { ...milliseconds, description: 'The reconnection time in milliseconds.' },
    },
    // An event without a name has the type `message`.
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
        description: 'The ID of the last event received. The stream resumes after it.',
        schema: { type: 'string' },
      },
    ],
    responses: {
      200: {
        description: 'A stream of events.',
        content: {
          'text/event-stream': { itemSchema: items.length === 1 ? items[0] : { oneOf: items } },
        },
      },
      204: { description: 'The stream has ended. Do not reconnect.' },
    },
  }
}

/** The JSON Schema that a schema provides itself. https://standardschema.dev/json-schema */
function ownJsonSchema(schema: StandardSchemaV1): JsonSchema {
  const { jsonSchema } = schema['~standard'] as Partial<StandardJSONSchemaV1.Props>
  return jsonSchema?.output({ target: JSON_SCHEMA_TARGET }) ?? true
}

function textSchema(described: JsonSchema): JsonSchema {
  return typeof described === 'object' ? described : { type: 'string' }
}

/** `Array.isArray` does not narrow to a read-only array. */
function isList(
  value: StreamPath | Readonly<Record<string, StreamPath>>,
): value is readonly Stream[] {
  return Array.isArray(value)
}
