import type { StandardSchemaV1 } from '@standard-schema/spec'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { jsonSchemaOf, stocks, systemStats, time, training } from '../streams/index.ts'
import { defineStream, json, toOpenApi } from '../index.ts'

const info = { title: 'Streams', version: '1.0.0' }
const all = [time, systemStats, training, stocks]

describe('toOpenApi', () => {
  test('returns a valid OpenAPI 3.2 document', async () => {
    const document = toOpenApi(
      { '/stream-time': time, '/stream-stocks': stocks, '/events': all },
      info,
      { jsonSchemaOf },
    )
    const validator = new Validator()
    expect(await validator.validate(asJson(document))).toEqual({ valid: true })
    expect(validator.version).toBe('3.2')
  })

  test('is checked by a validator that rejects a broken document', async () => {
    const { paths } = toOpenApi(all, info)
    const broken = { openapi: '3.2.0', paths }
    expect((await new Validator().validate(asJson(broken))).valid).toBe(false)
  })

  test('describes each event name, and JSON data by its schema', () => {
    const items = itemsOf(toOpenApi({ '/stocks': stocks }, info, { jsonSchemaOf }), '/stocks')
    expect(items.map(({ properties }) => properties['event'])).toEqual([
      { const: 'AAPL' },
      { const: 'GOOGL' },
      { const: 'MSFT' },
    ])
    expect(items[0]).toMatchObject({
      type: 'object',
      required: ['event', 'data'],
      properties: {
        data: {
          type: 'string',
          contentMediaType: 'application/json',
          contentSchema: {
            properties: { symbol: { const: 'AAPL' }, price: { type: 'number', minimum: 0 } },
            required: ['symbol', 'price', 'change'],
          },
        },
        id: { type: 'string' },
        retry: { type: 'integer', minimum: 0 },
      },
    })
  })

  test('describes an unnamed event without a required name, and text by its schema', () => {
    const [item] = itemsOf(toOpenApi([time], info, { jsonSchemaOf }), '/time')
    expect(item).toMatchObject({ required: ['data'], properties: { event: { const: 'message' } } })
    expect(item?.properties['data']).toMatchObject({
      type: 'string',
      pattern: expect.stringContaining('The time is') as string,
    })
  })

  test('describes several streams on one path as multiplexed, with topics and control events', () => {
    const document = toOpenApi({ '/events': [time, training] }, info, { jsonSchemaOf })
    expect(itemsOf(document, '/events').map(({ properties }) => properties['event'])).toEqual([
      { const: 'time/message' },
      { const: 'training/progress' },
      { const: 'training/complete' },
      { const: 'training/cancelled' },
      { const: 'downlink.hello' },
      { const: 'downlink.refused' },
      { const: 'downlink.dropped' },
      { const: 'downlink.health' },
      { const: 'downlink.bye' },
    ])
    expect(document.paths['/events']?.['get']).toMatchObject({
      parameters: [
        { name: 'topic', in: 'query', schema: { items: { enum: ['time', 'training'] } } },
        { name: 'Last-Event-ID', in: 'header' },
      ],
      responses: { 204: {} },
    })
  })

  test('uses the JSON Schema of the schema itself, or any value if it has none', () => {
    const withJsonSchema: StandardSchemaV1<number> = {
      '~standard': {
        version: 1,
        vendor: 'own',
        validate: (value) => ({ value: value as number }),
        ...{ jsonSchema: { output: () => ({ type: 'number' }) } },
      },
    }
    const withoutJsonSchema: StandardSchemaV1<number> = {
      '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value: value as number }) },
    }
    const stream = defineStream({
      topic: 'both',
      events: { a: json(withJsonSchema), b: json(withoutJsonSchema) },
      overflow: 'disconnect',
    })
    const schemas = itemsOf(toOpenApi([stream], info), '/both').map(
      ({ properties }) => (properties['data'] as { contentSchema: unknown }).contentSchema,
    )
    expect(schemas).toEqual([{ type: 'number' }, true])
  })
})

function asJson(document: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(document)) as Record<string, unknown>
}

interface Item {
  readonly properties: Readonly<Record<string, unknown>>
}

function itemsOf(document: ReturnType<typeof toOpenApi>, path: string): Item[] {
  const { responses } = document.paths[path]?.['get'] as {
    responses: Record<number, { content: Record<string, { itemSchema: Item | { oneOf: Item[] } }> }>
  }
  const schema = responses[200]?.content['text/event-stream']?.itemSchema
  if (schema === undefined) return []
  return 'oneOf' in schema ? schema.oneOf : [schema]
}
