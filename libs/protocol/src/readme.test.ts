import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { dataOf } from '../examples/body.ts'
import { encodeAndDecode } from '../examples/frames.ts'
import { describe as describeOrder, placed } from '../examples/orders.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

describe('the README', () => {
  test.each(['frames', 'body', 'orders'])('contains examples/%s.ts unchanged', (name) => {
    expect(read('../README.md')).toContain(read(`../examples/${name}.ts`))
  })

  test('has a frames example that runs', () => {
    expect(encodeAndDecode()).toEqual([
      'add k3-1 "two\\nlines"',
      'comment beat',
      'retry in 3000 ms',
      'last k3-2',
    ])
  })

  test('has a response body example that runs', async () => {
    expect(await dataOf(new Response('data: a\n\ndata: b\n\n'))).toEqual(['a', 'b'])
  })

  test('has a contract example that runs', () => {
    expect(describeOrder(placed.event, placed.data)).toBe('order 7')
    expect(describeOrder('placed', '{"id":7,"total":-1}')).toBe('total: invalid-data')
    expect(describeOrder('closed', 'bye')).toBe('BYE')
  })
})
