import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeUtf8, utf8Length } from './utf8.ts'

test.each(['', 'a', 'é', '€', '😀', '\ud83d', '\ude00', '\ud83d\ud83d\ude00', 'a😀é\ud83d'])(
  'the length of %j is the number of its bytes',
  (text) => {
    expect(utf8Length(text)).toBe(encodeUtf8(text).length)
  },
)

test('the length of any UTF-16 string is the number of its bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffff)), (units) => {
      const text = String.fromCharCode(...units)
      expect(utf8Length(text)).toBe(encodeUtf8(text).length)
    }),
  )
})
