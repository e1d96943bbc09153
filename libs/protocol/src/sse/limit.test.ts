import { expect, test } from 'vitest'
import { createDecoder } from './decode.ts'

const utf8 = new TextEncoder()

/** A chunk by itself, as bytes and as text, and cut into single bytes: each may take another path in a decoder. */
const CHUNKINGS: [string, (wire: string) => (Uint8Array | string)[]][] = [
  ['bytes', (wire) => [utf8.encode(wire)]],
  ['text', (wire) => [wire]],
  ['bytes with CRLF', (wire) => [utf8.encode(wire.replaceAll('\n', '\r\n'))]],
  ['single bytes', (wire) => [...utf8.encode(wire)].map((byte) => Uint8Array.of(byte))],
]
const DATA: [string, string][] = [
  ['ASCII', 'x'.repeat(300)],
  ['two bytes per character', 'é'.repeat(300)],
  ['three bytes per character', '€'.repeat(300)],
  ['four bytes per character', '😀'.repeat(300)],
  ['one wide character at the end', `${'x'.repeat(300)}€`],
  ['several lines', 'é€😀\n'.repeat(100)],
]

test.each(
  DATA.flatMap(([name, data]) =>
    CHUNKINGS.map(([chunking, cut]) => [name, chunking, data, cut] as const),
  ),
)('the limit counts the UTF-8 bytes of the data: %s, as %s', (_name, _chunking, data, cut) => {
  const wire = `${data.replace(/^/gm, 'data: ')}\n\n`
  const bytes = utf8.encode(data).length
  expect(read(cut(wire), bytes)).toEqual([data])
  expect(() => read(cut(wire), bytes - 1)).toThrow(
    expect.objectContaining({ code: 'event-too-large' }),
  )
})

function read(chunks: (Uint8Array | string)[], maxEventBytes: number): string[] {
  const events: string[] = []
  const decoder = createDecoder({ onEvent: ({ data }) => events.push(data), maxEventBytes })
  for (const chunk of chunks) decoder.push(chunk)
  return events
}
