import type { StandardSchemaV1 } from '@standard-schema/spec'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { ContractError, defineStream, json, pack, text, unpack, type Coding } from '../index.ts'

const orders = defineStream({
  topic: 'orders',
  events: {
    placed: json(v.object({ id: v.number(), lines: v.array(v.object({ sku: v.string() })) })),
    note: text(v.pipe(v.string(), v.maxLength(20))),
    anything: json(v.unknown()),
  },
  overflow: 'disconnect',
})

describe('pack', () => {
  test('writes data as JSON', () => {
    expect(pack(orders, 'placed', { id: 1, lines: [{ sku: 'a' }] })).toEqual({
      event: 'placed',
      data: '{"id":1,"lines":[{"sku":"a"}]}',
    })
  })

  test('writes text unchanged', () => {
    expect(pack(orders, 'note', 'a "quoted"\nnote').data).toBe('a "quoted"\nnote')
  })

  test('drops keys that the schema drops', () => {
    const order = { id: 1, lines: [], secret: 'x' }
    expect(pack(orders, 'placed', order).data).toBe('{"id":1,"lines":[]}')
  })

  test('rejects data that the schema rejects, with its path', () => {
    const broken = { id: 1, lines: [{ sku: 'a' }, { sku: 2 }] } as never
    expect(() => pack(orders, 'placed', broken)).toThrow(
      expect.objectContaining({
        name: 'ContractError',
        code: 'invalid-data',
        topic: 'orders',
        event: 'placed',
        path: 'lines[1].sku',
      }),
    )
  })

  test.each(['__proto__', 'toString', 'shipped'])('rejects the unknown event %s', (event) => {
    expect(() => pack(orders, event as 'placed', {} as never)).toThrow(
      expect.objectContaining({ code: 'unknown-event' }),
    )
  })

  test('rejects data that JSON cannot represent', () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    for (const data of [undefined, () => 1, 1n, circle]) {
      expect(() => pack(orders, 'anything', data)).toThrow(
        expect.objectContaining({ code: 'invalid-data' }),
      )
    }
  })

  test('rejects an asynchronous schema', () => {
    const schema: StandardSchemaV1 = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => Promise.reject(new Error('late')),
      },
    }
    const later = defineStream({
      topic: 'later',
      events: { a: json(schema) },
      overflow: 'disconnect',
    })
    expect(() => pack(later, 'a', 1)).toThrow(expect.objectContaining({ code: 'async-schema' }))
  })
})

describe('pack, which validates data as receivers read it,', () => {
  const packedOrError = (schema: Coding, data: unknown): unknown => {
    const stream = defineStream({ topic: 'any', events: { a: schema }, overflow: 'disconnect' })
    try {
      return pack(stream, 'a', data).data
    } catch (error) {
      if (!(error instanceof ContractError)) throw error
      return `${error.code} at ${JSON.stringify(error.path)}: ${error.message}`
    }
  }

  test.each([
    ['Infinity', json(v.object({ n: v.number() })), { n: Infinity }, '"n"', 'null for NaN'],
    [
      'a Date',
      json(v.object({ at: v.date() })),
      { at: new Date(0) },
      '"at"',
      'a string for a Date',
    ],
    [
      'undefined in an array',
      json(v.array(v.optional(v.number()))),
      [1, undefined],
      '"[1]"',
      'null',
    ],
    ['a hole in an array', json(v.array(v.optional(v.number()))), Array(1), '"[0]"', 'null'],
    ['65 levels', json(v.unknown()), nested(65), '"', 'nested deeper than 64'],
    [
      '__proto__',
      json(v.unknown()),
      JSON.parse('{"a":{"__proto__":1}}'),
      '"a.__proto__"',
      'Restructure',
    ],
    ['2^20 + 1 characters', text(v.string()), 'x'.repeat(2 ** 20 + 1), '""', 'Send a reference'],
    ['2^20 + 1 characters of JSON', json(v.string()), 'x'.repeat(2 ** 20 - 1), '""', 'reference'],
    [
      'text that is too short once CRLF is LF',
      text(v.pipe(v.string(), v.minLength(4))),
      'a\r\nb',
      '""',
      '4',
    ],
    [
      'a transform to a type that the schema rejects',
      json(v.pipe(v.string(), v.transform(Number))),
      '5',
      '""',
      'rejects or changes its own output',
    ],
    [
      'a transform that changes its own output',
      json(
        v.pipe(
          v.number(),
          v.transform((n) => n * 2),
        ),
      ),
      2,
      '""',
      'idempotent',
    ],
  ] as const)('rejects %s with advice', (_, schema, data, path, advice) => {
    const result = packedOrError(schema, data)
    expect(result).toContain(`invalid-data at ${path}`)
    expect(result).toContain(advice)
  })

  test.each([
    ['64 levels', json(v.unknown()), nested(64), JSON.stringify(nested(64))],
    ['2^20 characters', text(v.string()), 'x'.repeat(2 ** 20), 'x'.repeat(2 ** 20)],
    [
      'an undefined property',
      json(v.object({ a: v.optional(v.string()) })),
      { a: undefined },
      '{}',
    ],
    ['a default', json(v.object({ a: v.optional(v.number(), 1) })), {}, '{"a":1}'],
    ['a Date for a schema of strings', json(v.string()), new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [
      'a string that the schema transforms to a Date',
      json(
        v.pipe(
          v.string(),
          v.transform((at) => new Date(at)),
        ),
      ),
      '1970-01-01',
      '"1970-01-01T00:00:00.000Z"',
    ],
    ['line breaks', text(v.string()), 'a\r\nb\rc\n', 'a\nb\nc\n'],
    ['a lone surrogate', text(v.string()), '\ud800', '\ufffd'],
    ['negative zero', json(v.number()), -0, '0'],
  ] as const)('accepts %s and sends what receivers read', (_, schema, data, sent) => {
    expect(packedOrError(schema as Coding, data)).toBe(sent)
  })

  test('validates once if the schema returns the data unchanged', () => {
    let calls = 0
    const counted: StandardSchemaV1 = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate(value) {
          calls += 1
          return { value }
        },
      },
    }
    for (const data of [{ a: [1, 'x', null] }, { a: undefined }, new Date(0)]) {
      calls = 0
      packedOrError(json(counted), data)
      expect(calls).toBe(1)
    }
  })

  test('returns only events that unpack accepts and that pack returns again unchanged', () => {
    const value = fc.anything({ withDate: true, withSparseArray: true, withNullPrototype: true })
    const anything = defineStream({
      topic: 'any',
      events: { a: json(v.unknown()) },
      overflow: 'disconnect',
    })
    fc.assert(
      fc.property(value, (data) => {
        let packed
        try {
          packed = pack(anything, 'a', data)
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid-data' })
          return
        }
        const received = unpack(anything, { ...packed, id: '' })
        expect(received).toMatchObject({ ok: true })
        if (received.ok) expect(pack(anything, 'a', received.value.data)).toEqual(packed)
      }),
    )
  })
})

function nested(levels: number): unknown {
  return levels === 1 ? [] : [nested(levels - 1)]
}
