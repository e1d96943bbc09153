import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import {
  defineStream,
  json,
  MAX_DATA_LENGTH,
  MAX_JSON_DEPTH,
  pack,
  text,
  unpack,
} from '../index.ts'

const schemaOf = (validate: StandardSchemaV1['~standard']['validate']): StandardSchemaV1 => ({
  '~standard': { version: 1, vendor: 'test', validate },
})

const orders = defineStream({
  topic: 'orders',
  events: {
    placed: json(v.object({ id: v.number(), lines: v.array(v.object({ sku: v.string() })) })),
    note: text(v.pipe(v.string(), v.maxLength(20, 'the note is too long'))),
    anything: json(v.unknown()),
    later: json(schemaOf(() => Promise.reject(new Error('late')))),
    broken: json(
      schemaOf(() => {
        throw new RangeError('schema bug')
      }),
    ),
  },
  overflow: 'disconnect',
})

describe('unpack', () => {
  test('returns the data that was packed', () => {
    const data = { id: 1, lines: [{ sku: 'a' }] }
    expect(unpack(orders, { ...pack(orders, 'placed', data), id: '1-7' })).toEqual({
      ok: true,
      value: { event: 'placed', data, id: '1-7' },
    })
    expect(unpack(orders, { ...pack(orders, 'note', 'hi'), id: '' })).toEqual({
      ok: true,
      value: { event: 'note', data: 'hi', id: '' },
    })
  })

  test.each([
    ['placed', '{"id":1,"lines":[{"sku":2}]}', 'invalid-data', 'lines[0].sku'],
    ['placed', '{', 'not-json', ''],
    ['placed', '', 'not-json', ''],
    ['note', 'a note that is rather too long', 'invalid-data', ''],
    ['shipped', '1', 'unknown-event', ''],
    ['__proto__', '1', 'unknown-event', ''],
    ['constructor', '1', 'unknown-event', ''],
    ['later', '1', 'schema-failed', ''],
    ['broken', '1', 'schema-failed', ''],
    ['anything', '{"a":[{"__proto__":{"admin":true}}]}', 'forbidden-key', 'a[0].__proto__'],
    ['anything', '{"\\u005f_proto__":1}', 'forbidden-key', '__proto__'],
    ['anything', '{"constructor":{"prototype":{"admin":true}}}', 'forbidden-key', 'constructor'],
    ['anything', JSON.stringify('x'.repeat(MAX_DATA_LENGTH)), 'too-long', ''],
  ])('returns a failure for %s with %.60s: %s', (event, data, code, path) => {
    expect(unpack(orders, { event, data, id: '1-7' })).toEqual({
      ok: false,
      failure: {
        code,
        topic: 'orders',
        event,
        id: '1-7',
        path,
        reason: expect.any(String) as string,
      },
    })
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  test('accepts nesting up to MAX_JSON_DEPTH', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    const deepest = unpack(orders, { event: 'anything', data: nested(MAX_JSON_DEPTH), id: '' })
    expect(deepest.ok).toBe(true)
    for (const depth of [MAX_JSON_DEPTH + 1, 100_000]) {
      expect(unpack(orders, { event: 'anything', data: nested(depth), id: '' })).toMatchObject({
        ok: false,
        failure: { code: 'too-deep' },
      })
    }
  })

  test('accepts a key constructor whose value has no prototype', () => {
    const result = unpack(orders, { event: 'anything', data: '{"constructor":"Ada"}', id: '' })
    expect(result).toMatchObject({ ok: true, value: { data: { constructor: 'Ada' } } })
  })
})
