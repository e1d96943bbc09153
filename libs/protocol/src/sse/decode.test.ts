import { describe, expect, test } from 'vitest'
import { createDecoder, type DecodedEvent, type DecoderOptions } from './index.ts'

const utf8 = new TextEncoder()

describe('createDecoder', () => {
  test('dispatches an event at its blank line, however it is split into chunks', () => {
    const { decoder, events } = collect()
    decoder.push('da')
    decoder.push(utf8.encode('ta: {"a":1}\nid: 1-7\neve'))
    decoder.push('nt: add\n')
    expect(events).toEqual([])
    decoder.push('\n')
    expect(events).toEqual([{ event: 'add', data: '{"a":1}', id: '1-7' }])
    expect(decoder.lastEventId).toBe('1-7')
  })

  test('ends a line at a CR that is the last byte of a chunk, and ignores the LF after it', () => {
    const { decoder, events } = collect()
    decoder.push('data: a\r\r')
    expect(events).toHaveLength(1)
    decoder.push('\ndata: b\r\n\r')
    expect(events).toHaveLength(2)
    decoder.push('\ndata: c\n\n')
    expect(events.map((event) => event.data)).toEqual(['a', 'b', 'c'])
  })

  test('keeps the initial last event ID until an event sets another one', () => {
    const { decoder, events } = collect({ lastEventId: '1-7' })
    decoder.push('data: a\n\nid: 1-8\n')
    expect(decoder.lastEventId).toBe('1-7')
    decoder.push('\n')
    expect(decoder.lastEventId).toBe('1-8')
    expect(events).toEqual([{ event: 'message', data: 'a', id: '1-7' }])
  })

  test('reports retry at the end of its line, and comments without one leading space', () => {
    const seen: unknown[] = []
    const { decoder } = collect({
      onRetry: (retryMs) => seen.push(retryMs),
      onComment: (text) => seen.push(text),
    })
    decoder.push('retry: 010\n: a\n:  b\n:\nretry: 1e3\nretry:\n')
    expect(seen).toEqual([10, 'a', ' b', ''])
  })

  test.each([new ArrayBuffer(8), 5, {}, null, undefined])('throws for %s', (chunk) => {
    const { decoder } = collect()
    expect(() => {
      decoder.push(chunk as Uint8Array)
    }).toThrow(TypeError)
  })

  test('reads the text after a character that is split between chunks', () => {
    const { decoder, events } = collect()
    const first = utf8.encode('data: 😀')
    decoder.push(first.subarray(0, -1))
    const rest = utf8.encode(`\n\n${'Xdata: a\nb\n'.repeat(60)}é\n\n`)
    decoder.push(new Uint8Array([...first.subarray(-1), ...rest]))
    expect(events).toEqual([{ event: 'message', data: '😀', id: '' }])
  })

  test('joins a line that arrives in very many chunks', () => {
    const { decoder, events } = collect()
    const piece = utf8.encode('x')
    decoder.push(utf8.encode('data: '))
    for (let i = 0; i < 200_000; i++) decoder.push(piece)
    decoder.push(utf8.encode('\n\n'))
    expect(events.map(({ data }) => data.length)).toEqual([200_000])
  })

  test('dispatches an event of exactly maxEventBytes', () => {
    const { decoder, events } = collect({ maxEventBytes: 5 })
    decoder.push('data: ab\ndata: cd\n\n')
    expect(events.map((event) => event.data)).toEqual(['ab\ncd'])
  })

  test.each([
    ['one line', ['data: 123456\n\n']],
    ['lines together', ['data: ab\ndata: cde\n\n']],
    ['its bytes, though not its characters', ['id: 1\ndata: éé\ndata: é\n\n']],
    ['an unfinished line', ['data: 12', '34567', '890123456']],
    ['an event type', ['event: 1234567\n']],
    ['an id', ['id: 1234567890\n']],
    ['a comment', [': 12345', '67890', '1234\n']],
    ['an unknown field', ['unknown: 12345\n']],
  ])('over the bound by %s, it throws once and stays ended', (_name, chunks) => {
    const { decoder, events } = collect({ maxEventBytes: 5 })
    decoder.push('data: ok\n\n')
    expect(() => {
      for (const chunk of chunks) decoder.push(chunk)
    }).toThrow(expect.objectContaining({ code: 'event-too-large', maxEventBytes: 5 }))
    expect(() => decoder.push('data: a\n\n')).toThrow(
      expect.objectContaining({ code: 'decoder-ended' }),
    )
    expect(events).toHaveLength(1)
    expect(decoder.lastEventId, 'an event that was not handed on is not the last').toBe('')
  })
})

function collect(options: Partial<DecoderOptions> = {}) {
  const events: DecodedEvent[] = []
  const decoder = createDecoder({ onEvent: (event) => events.push(event), ...options })
  return { decoder, events }
}
