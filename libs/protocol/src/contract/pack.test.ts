import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { defineStream, json, pack, text, type StandardSchema } from './index.ts'

const orders = defineStream({
  topic: 'orders',
  events: {
    placed: json(v.object({ id: v.number(), lines: v.array(v.object({ sku: v.string() })) })),
    note: text(v.pipe(v.string(), v.maxLength(20))),
    anything: json(v.unknown()),
  },
  slowReader: 'every',
})

describe('pack', () => {
  test('writes JSON data', () => {
    expect(pack(orders, 'placed', { id: 1, lines: [{ sku: 'a' }] })).toEqual({
      event: 'placed',
      data: '{"id":1,"lines":[{"sku":"a"}]}',
    })
  })

  test('writes text as it is', () => {
    expect(pack(orders, 'note', 'a "quoted"\nnote').data).toBe('a "quoted"\nnote')
  })

  test('sends nothing that the schema leaves out', () => {
    const order = { id: 1, lines: [], secret: 'x' }
    expect(pack(orders, 'placed', order).data).toBe('{"id":1,"lines":[]}')
  })

  test('refuses data that breaks the schema and says where', () => {
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

  test.each(['__proto__', 'toString', 'shipped'])('refuses the unknown event %s', (event) => {
    expect(() => pack(orders, event as 'placed', {} as never)).toThrow(
      expect.objectContaining({ code: 'unknown-event' }),
    )
  })

  test('refuses what JSON cannot carry', () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    for (const data of [undefined, () => 1, 1n, circle]) {
      expect(() => pack(orders, 'anything', data)).toThrow(
        expect.objectContaining({ code: 'invalid-data' }),
      )
    }
  })

  test('refuses an asynchronous schema', () => {
    const schema: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => Promise.reject(new Error('late')),
      },
    }
    const later = defineStream({ topic: 'later', events: { a: json(schema) }, slowReader: 'every' })
    expect(() => pack(later, 'a', 1)).toThrow(expect.objectContaining({ code: 'async-schema' }))
  })
})
