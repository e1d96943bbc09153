import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { dataOf } from '../examples/body.ts'
import { thereAndBack } from '../examples/frames.ts'
import { describe as describeOrder, placed } from '../examples/orders.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

describe('the README', () => {
  test.each(['frames', 'body', 'orders'])('shows examples/%s.ts as it is', (name) => {
    expect(read('../README.md')).toContain(read(`../examples/${name}.ts`))
  })

  test('has an example of frames that runs', () => {
    expect(thereAndBack()).toEqual([
      'add k3-1 "two\\nlines"',
      'comment beat',
      'retry in 3000 ms',
      'last k3-2',
    ])
  })

  test('has an example of a body that runs', async () => {
    expect(await dataOf(new Response('data: a\n\ndata: b\n\n'))).toEqual(['a', 'b'])
  })

  test('has an example of a contract that runs', () => {
    expect(describeOrder(placed.event, placed.data)).toBe('order 7')
    expect(describeOrder('placed', '{"id":7,"total":-1}')).toBe('total: invalid-data')
    expect(describeOrder('closed', 'bye')).toBe('BYE')
  })
})
