import { expect, test } from 'vitest'
import { encodeUtf8 } from '../utf8.ts'
import { toChunk } from './chunk.ts'

test.each([
  ['a', '1\r\na\r\n'],
  ['é', '2\r\né\r\n'],
  ['x'.repeat(255), `ff\r\n${'x'.repeat(255)}\r\n`],
])('prefixes %j with its length in bytes', (text, chunk) => {
  expect(toChunk(encodeUtf8(text)).toString()).toBe(chunk)
})

test('caches the last chunk', () => {
  const [a, b] = [encodeUtf8('a'), encodeUtf8('a')]
  const chunk = toChunk(a)
  expect(toChunk(a)).toBe(chunk)
  expect(toChunk(b)).not.toBe(chunk)
  expect(toChunk(a)).toEqual(chunk)
})

test('accepts a view of a larger buffer', () => {
  expect(toChunk(encodeUtf8('abcd').subarray(1, 3)).toString()).toBe('2\r\nbc\r\n')
})
