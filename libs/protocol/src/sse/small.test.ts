import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cut, readAll } from '../../test/read-all.ts'
import { createDecoder, type DecodedEvent } from './index.ts'
import { createSmallDecoder } from './small.ts'

const utf8 = new TextEncoder()

/** Bytes of which many are line ends, field names and parts of characters. */
const wireBytes = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .constantFrom(
            ...[
              '\n',
              '\r',
              '\r\n',
              '\n\n',
              ':',
              ' ',
              'data',
              'data: ',
              'id: ',
              'event:',
              'retry: 7',
            ],
            ...['\0', '\ufeff', 'é', '😀', 'x'.repeat(20)],
          )
          .map((text) => utf8.encode(text)),
      },
      fc.uint8Array({ maxLength: 6 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Uint8Array.from(Buffer.concat(parts)))
const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 })

describe('createSmallDecoder', () => {
  test('makes the same of any bytes, in any chunks, as createDecoder does', () => {
    fc.assert(
      fc.property(wireBytes, cuts, fc.boolean(), (bytes, sizes, comments) => {
        const expected = readAll<Uint8Array>(createDecoder, [bytes], { comments })
        expect(readAll(createSmallDecoder, [bytes], { comments })).toEqual(expected)
        expect(readAll(createSmallDecoder, cut(bytes, sizes), { comments })).toEqual(expected)
      }),
      { numRuns: 2_000 },
    )
  })

  test('fails for the bound where createDecoder does', () => {
    fc.assert(
      fc.property(wireBytes, cuts, fc.nat({ max: 60 }), (start, sizes, maxEventBytes) => {
        // How much of a line that never ends is taken is left to each.
        const bytes = Uint8Array.of(...start, 10, 10)
        const expected = readAll<Uint8Array>(createDecoder, [bytes], { maxEventBytes })
        const pieces = cut(bytes, sizes)
        expect(readAll(createSmallDecoder, [bytes], { maxEventBytes })).toEqual(expected)
        expect(readAll(createSmallDecoder, pieces, { maxEventBytes })).toEqual(expected)
      }),
      { numRuns: 2_000 },
    )
  })

  test('ends with the first exception, be it for the bound or of a handler', () => {
    const decoder = createSmallDecoder({ onEvent: () => undefined, maxEventBytes: 5 })
    expect(() => decoder.push(utf8.encode('data: 123456\n\n'))).toThrow(
      expect.objectContaining({ code: 'event-too-large', maxEventBytes: 5 }),
    )
    expect(() => decoder.push(utf8.encode('data: a\n\n'))).toThrow(
      expect.objectContaining({ code: 'decoder-ended' }),
    )
    const other = createSmallDecoder({
      onEvent() {
        throw new RangeError('mine')
      },
    })
    expect(() => other.push(utf8.encode('data: a\n\n'))).toThrow(RangeError)
    expect(() => other.push(utf8.encode('data: b\n\n'))).toThrow(
      expect.objectContaining({ code: 'decoder-ended' }),
    )
  })

  test('goes on from the last event ID of the connection before', () => {
    const events: DecodedEvent[] = []
    const decoder = createSmallDecoder({
      onEvent: (event) => events.push(event),
      lastEventId: '1-7',
    })
    decoder.push(utf8.encode('data: a\n\nid: 1-8\n'))
    expect(decoder.lastEventId).toBe('1-7')
    decoder.push(utf8.encode('\n'))
    expect(decoder.lastEventId).toBe('1-8')
    expect(events).toEqual([{ event: 'message', data: 'a', id: '1-7' }])
  })

  test('a line of very many pieces arrives whole', () => {
    const events: DecodedEvent[] = []
    const decoder = createSmallDecoder({ onEvent: (event) => events.push(event) })
    const piece = utf8.encode('x')
    decoder.push(utf8.encode('data: '))
    for (let i = 0; i < 200_000; i++) decoder.push(piece)
    decoder.push(utf8.encode('\n\n'))
    expect(events.map(({ data }) => data.length)).toEqual([200_000])
  })
})
