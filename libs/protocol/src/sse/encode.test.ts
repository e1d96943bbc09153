import { describe, expect, test } from 'vitest'
import {
  encodeComment,
  encodeCommentBytes,
  encodeEvent,
  encodeEventBytes,
  encodeEventsBytes,
  SseError,
  type SseEvent,
} from './index.ts'

const utf8 = new TextEncoder()

describe('encodeEvent', () => {
  const frames: [name: string, event: SseEvent, frame: string][] = [
    ['data alone', { data: 'a' }, 'data: a\n\n'],
    [
      'every field, the data last',
      { data: 'a', event: 'add', id: '1-2', retry: 3000 },
      'event: add\nid: 1-2\nretry: 3000\ndata: a\n\n',
    ],
    ['empty data, which dispatches', { data: '' }, 'data: \n\n'],
    ['no data, which dispatches nothing', { id: '7', retry: 10 }, 'id: 7\nretry: 10\n\n'],
    ['an empty id, which resets it', { id: '', data: 'a' }, 'id: \ndata: a\n\n'],
    ['no line for the default event type', { event: 'message', data: 'a' }, 'data: a\n\n'],
    ['no line for an empty event type', { event: '', data: 'a' }, 'data: a\n\n'],
    ['fields that are undefined as absent', { event: undefined, data: 'a' }, 'data: a\n\n'],
    [
      'one line for each of LF, CR and CRLF',
      { data: 'a\nb\rc\r\nd' },
      'data: a\ndata: b\ndata: c\ndata: d\n\n',
    ],
    ['a line break at the end as an empty line', { data: 'a\n' }, 'data: a\ndata: \n\n'],
    ['spaces and colons at the front unharmed', { data: ' a\n:b' }, 'data:  a\ndata: :b\n\n'],
    [
      'text that looks like fields as data',
      { data: 'x\nid: 1\n\ndata: y' },
      'data: x\ndata: id: 1\ndata: \ndata: data: y\n\n',
    ],
    [
      'only LF, CR and CRLF as line breaks',
      { data: 'a\u2028b\u0085c\vd\fe' },
      'data: a\u2028b\u0085c\vd\fe\n\n',
    ],
    [
      'U+FFFD for a lone surrogate',
      { data: 'a\ud800b', id: '\udc00' },
      'id: \ufffd\ndata: a\ufffdb\n\n',
    ],
    ['whole pairs as they are', { data: '😀', event: 'é😀' }, 'event: é😀\ndata: 😀\n\n'],
    ['the largest retry', { retry: Number.MAX_SAFE_INTEGER }, 'retry: 9007199254740991\n\n'],
  ]

  test.each(frames)('writes %s', (_name, event, frame) => {
    expect(encodeEvent(event)).toBe(frame)
    expect(encodeEventBytes(event)).toEqual(utf8.encode(frame))
  })

  const refused: [field: string, event: SseEvent][] = [
    ...['\r', '\n', '\0'].map((c): [string, SseEvent] => ['id', { id: `1${c}2`, data: 'x' }]),
    ...['\r', '\n', '\0', '\x7f', '\x85', '\u2028', '\u2029'].map((c): [string, SseEvent] => [
      'event',
      { event: `a${c}b`, data: 'x' },
    ]),
    ...[-1, 0.5, NaN, Infinity, 1e21, '5' as unknown as number].map((retry): [string, SseEvent] => [
      'retry',
      { retry, data: 'x' },
    ]),
  ]

  test.each(refused)('rejects the %s of %j and names the field', (field, event) => {
    for (const encode of [encodeEvent, encodeEventBytes]) {
      expect(() => encode(event)).toThrow(
        expect.objectContaining({ name: 'SseError', code: 'invalid-field', field }),
      )
    }
  })

  test('gives advice for an invalid field', () => {
    expect(() => encodeEvent({ retry: -1 })).toThrow(SseError)
    expect(() => encodeEvent({ retry: -1 })).toThrow(/retry: use .*milliseconds/)
  })
})

describe('long texts', () => {
  // In this order: what is done for one depends on what the one before it held.
  test.each(['x', 'é', 'é', 'x', '中', '😀', '\ud800', 'x\ny', 'x'])(
    'of %j are written whole',
    (part) => {
      const data = part.repeat(2000)
      const frame = encodeEvent({ data })
      expect(encodeEventBytes({ data })).toEqual(utf8.encode(frame))
      expect(encodeEventsBytes([{ data: 'a' }, { data }])).toEqual(
        utf8.encode(`data: a\n\n${frame}`),
      )
    },
  )

  test.each([
    ['ASCII', 'x'.repeat(1000)],
    ['other than ASCII', 'Größe 日本 '.repeat(100)],
    ['lone surrogates', '\ud800'.repeat(1000)],
  ])('of %s over the join limit are written like one by one', (_name, data) => {
    const events = Array.from({ length: 250 }, (_, i) => ({ id: `1-${i}`, data: `${i}${data}` }))
    // Twice: the second time the limit is that for text of this kind.
    for (let turn = 0; turn < 2; turn++) {
      const oneByOne = events.map((event) => encodeEvent(event)).join('')
      expect(Buffer.compare(encodeEventsBytes(events), utf8.encode(oneByOne))).toBe(0)
    }
  })

  test('share no memory with each other', () => {
    for (const [one, other] of [
      ['x', 'y'],
      ['é', 'ü'],
      ['é', 'ü'],
    ] as const) {
      const first = encodeEventBytes({ data: one.repeat(2000) })
      const copy = first.slice()
      encodeEventBytes({ data: other.repeat(2000) })
      expect(first).toEqual(copy)
    }
  })
})

test('replaces lone surrogates with U+FFFD and keeps pairs', () => {
  expect(encodeEvent({ data: '\ud800😀\udc00', id: '中\udfff' })).toBe(
    'id: 中\ufffd\ndata: \ufffd😀\ufffd\n\n',
  )
})

describe('encodeComment', () => {
  test.each([
    ['', ': \n\n'],
    ['beat', ': beat\n\n'],
    ['a\nb\r\nc\rd', ': a\n: b\n: c\n: d\n\n'],
    ['x\ndata: y\n\n', ': x\n: data: y\n: \n: \n\n'],
    ['\udfff', ': \ufffd\n\n'],
  ])('writes %j with a colon before each line', (text, frame) => {
    expect(encodeComment(text)).toBe(frame)
    expect(encodeCommentBytes(text)).toEqual(utf8.encode(frame))
  })
})
