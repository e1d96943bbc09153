import { describe, expect, test } from 'vitest'
import { formatEventId, formatEventName, parseEventId, parseEventName } from '../index.ts'

describe('event ids', () => {
  test.each([
    ['k3x9-0', { epoch: 'k3x9', seq: 0 }],
    ['a-b-c-12', { epoch: 'a-b-c', seq: 12 }],
    ['e-9007199254740991', { epoch: 'e', seq: Number.MAX_SAFE_INTEGER }],
  ])('parses %s and formats it again', (text, id) => {
    expect(parseEventId(text)).toEqual(id)
    expect(formatEventId(id)).toBe(text)
  })

  test.each([
    '',
    '-1',
    '7',
    'a-',
    'a-01',
    'a--1',
    'a-1e3',
    'a-+1',
    'a-9007199254740992',
    'é-1',
    'a-1\n',
    'a.b-1',
    `${'a'.repeat(128)}-1`,
  ])('rejects %j', (text) => expect(parseEventId(text)).toBeUndefined())

  test.each([
    { epoch: '', seq: 1 },
    { epoch: 'a\n', seq: 1 },
    { epoch: 'a', seq: -1 },
    { epoch: 'a', seq: 1.5 },
    { epoch: 'a', seq: 2 ** 53 },
  ])('does not format %j', (id) => {
    expect(() => formatEventId(id)).toThrow(expect.objectContaining({ code: 'invalid-id' }))
  })
})

describe('multiplexed event names', () => {
  test('are split at the last slash', () => {
    expect(parseEventName('training/r1/progress')).toEqual({
      topic: 'training/r1',
      event: 'progress',
    })
    expect(formatEventName('training/r1', 'progress')).toBe('training/r1/progress')
  })

  test.each(['', 'message', 'downlink.hello', '/a', 'a/'])('rejects %j', (name) => {
    expect(parseEventName(name)).toBeUndefined()
  })
})
