import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cut, readAll } from '../../test/read-all.ts'
import { encodeEvent, encodeEventBytes, encodeEventsBytes } from './index.ts'
import type { DecodedEvent, SseEvent } from './index.ts'

const utf8 = new TextEncoder()

/** Text that holds what the grammar cares about more often than chance would. */
const wireText = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          '\n',
          '\r',
          '\r\n',
          ':',
          ' ',
          'data',
          'id',
          'event',
          'retry',
          '\0',
          '\ufeff',
          'é',
          '中',
          '😀',
        ),
      },
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''))
const id = wireText.map((text) => text.replace(/[\r\n\0]/g, ''))
const eventType = wireText.map((text) => text.replace(/[\p{Cc}\u2028\u2029]/gu, ''))
const event = fc.record(
  { data: wireText, event: eventType, id, retry: fc.nat() },
  { requiredKeys: ['data'] },
)
/** Bytes of which many are line ends, field names and parts of characters. */
const wireBytes = fc
  .array(
    fc.oneof(
      wireText.map((text) => utf8.encode(text)),
      fc.uint8Array({ maxLength: 6 }),
    ),
    {
      maxLength: 12,
    },
  )
  .map((parts) => Uint8Array.from(Buffer.concat(parts)))
/** Sizes of chunks: a few bytes, and such that are searched and not copied. */
const cuts = fc.array(fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 200 })), {
  minLength: 1,
  maxLength: 20,
})

describe('any event', () => {
  test('survives encoding, any chunking and decoding', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), cuts, (events, sizes) => {
        const bytes = encodeEventsBytes(events)
        const { events: decoded, retry } = decode(cut(bytes, sizes))
        expect(decoded).toEqual(asReceived(events))
        expect(retry).toEqual(events.flatMap((sent) => sent.retry ?? []))
      }),
    )
  })

  test('encodes to the same bytes as a string, as bytes and in a batch', () => {
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const strings = events.map((sent) => encodeEvent(sent))
        const bytes = events.map((sent) => encodeEventBytes(sent))
        expect(bytes.map((frame) => Buffer.from(frame).toString())).toEqual(strings)
        expect(Buffer.from(encodeEventsBytes(events)).toString()).toBe(strings.join(''))
      }),
    )
  })

  test('has the same encoding after decoding', () => {
    fc.assert(
      fc.property(event, (sent) => {
        const canonical = encodeEvent({ ...sent, id: sent.id ?? '', retry: undefined })
        const [received] = decode([utf8.encode(canonical)]).events
        expect(encodeEvent(received ?? {})).toBe(canonical)
      }),
    )
  })
})

/** Bytes of several kilobytes, and chunks on both sides of every size that the decoder treats in its own way. */
const longBytes = fc
  .tuple(wireBytes, fc.array(fc.tuple(wireBytes, fc.nat({ max: 300 })), { maxLength: 4 }))
  .map(([first, rest]) =>
    Uint8Array.from(
      Buffer.concat([
        first,
        ...rest.flatMap(([part, times]) => Array(times).fill(part) as Uint8Array[]),
      ]),
    ),
  )
const longCuts = fc.array(
  fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 700 }), fc.nat({ max: 3000 })),
  {
    minLength: 1,
    maxLength: 12,
  },
)

describe('any bytes', () => {
  test('decode without an exception, and to the same events for any chunking', () => {
    fc.assert(
      fc.property(wireBytes, cuts, (bytes, sizes) => {
        const whole = decode([bytes])
        expect(decode(cut(bytes, sizes))).toEqual(whole)
        expect(decode(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole)
      }),
      { numRuns: 300 },
    )
  })

  test('decode to the same events in long and in short chunks', () => {
    fc.assert(
      fc.property(longBytes, longCuts, (bytes, sizes) => {
        const whole = decode([bytes])
        expect(decode(cut(bytes, sizes))).toEqual(whole)
        const pieces = cut(bytes, [1, 64, 511, 513])
        expect(decode(pieces)).toEqual(whole)
      }),
      { numRuns: 200 },
    )
  })

  test('fail at the same event in long and in short chunks', () => {
    fc.assert(
      fc.property(longBytes, longCuts, fc.nat({ max: 2000 }), (bytes, sizes, maxEventBytes) => {
        expect(decode(cut(bytes, sizes), maxEventBytes)).toEqual(decode([bytes], maxEventBytes))
      }),
      { numRuns: 200 },
    )
  })

  test('decode to the same events as text, and as a mixture of text and bytes', () => {
    fc.assert(
      fc.property(wireText, cuts, (text, sizes) => {
        const asBytes = decode([utf8.encode(text)])
        expect(decode([wellFormed(text)])).toEqual(asBytes)
        const pieces = cut(Array.from(wellFormed(text)), sizes).map((piece) => piece.join(''))
        const mixed = pieces.map((piece, at) => (at % 2 === 0 ? piece : utf8.encode(piece)))
        expect(decode(pieces)).toEqual(asBytes)
        expect(decode(mixed)).toEqual(asBytes)
      }),
      { numRuns: 300 },
    )
  })

  test('fail only for maxEventBytes, at the same event for any chunking', () => {
    fc.assert(
      fc.property(wireBytes, cuts, fc.nat({ max: 30 }), (bytes, sizes, maxEventBytes) => {
        const whole = decode([bytes], maxEventBytes)
        expect(decode(cut(bytes, sizes), maxEventBytes)).toEqual(whole)
        expect(whole.failure ?? 'event-too-large').toBe('event-too-large')
        for (const { data } of whole.events) {
          expect(utf8.encode(data).length).toBeLessThanOrEqual(maxEventBytes)
        }
      }),
      { numRuns: 500 },
    )
  })
})

function decode(chunks: readonly (Uint8Array | string)[], maxEventBytes?: number) {
  return readAll(chunks, { maxEventBytes })
}

/** What a receiver sees of events: line breaks as LF, ids kept, lone surrogates replaced. */
function asReceived(events: readonly SseEvent[]): DecodedEvent[] {
  let lastEventId = ''
  return events.map((sent) => {
    lastEventId = sent.id === undefined ? lastEventId : wellFormed(sent.id)
    return {
      event: wellFormed(sent.event ?? '') || 'message',
      data: wellFormed(sent.data ?? '').replace(/\r\n|\r/g, '\n'),
      id: lastEventId,
    }
  })
}

/** A text as UTF-8 carries it. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}
