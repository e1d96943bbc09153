import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDecoder, type DecodedEvent, type DecoderOptions } from './index.ts'
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
        const expected = decode(createDecoder, [bytes], { comments })
        expect(decode(createSmallDecoder, [bytes], { comments })).toEqual(expected)
        expect(decode(createSmallDecoder, cut(bytes, sizes), { comments })).toEqual(expected)
      }),
      { numRuns: 2_000 },
    )
  })

  test('fails for the bound where createDecoder does', () => {
    fc.assert(
      fc.property(wireBytes, cuts, fc.nat({ max: 60 }), (start, sizes, maxEventBytes) => {
        // How much of a line that never ends is taken is left to each.
        const bytes = Uint8Array.of(...start, 10, 10)
        const expected = decode(createDecoder, [bytes], { maxEventBytes })
        const pieces = cut(bytes, sizes)
        expect(decode(createSmallDecoder, [bytes], { maxEventBytes })).toEqual(expected)
        expect(decode(createSmallDecoder, pieces, { maxEventBytes })).toEqual(expected)
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

function decode(
  create: (options: DecoderOptions) => {
    push(chunk: Uint8Array): void
    readonly lastEventId: string
  },
  chunks: readonly Uint8Array[],
  { comments = true, maxEventBytes }: { comments?: boolean; maxEventBytes?: number },
) {
  const told: unknown[] = []
  const tell = (one: unknown): void => void told.push(one)
  const decoder = create({
    onEvent: tell,
    onRetry: tell,
    onComment: comments ? tell : undefined,
    maxEventBytes,
  })
  let failure: unknown
  try {
    for (const chunk of chunks) decoder.push(chunk)
  } catch (error) {
    failure = (error as { code?: unknown }).code
  }
  return { told, failure, lastEventId: decoder.lastEventId }
}

/** Pieces of the given sizes, over and over until nothing is left. */
function cut(whole: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0, turn = 0; at < whole.length; turn++) {
    const to = at + (sizes[turn % sizes.length] ?? 1)
    pieces.push(whole.subarray(at, to))
    at = to
  }
  return pieces
}
