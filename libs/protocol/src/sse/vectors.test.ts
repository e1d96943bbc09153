import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readAll } from '../../test/read-all.ts'
import { encodeComment, encodeEvent, type DecodedEvent, type SseEvent } from './index.ts'

interface DecodeCase {
  readonly name: string
  readonly chunks: readonly (string | { readonly hex: string })[]
  readonly events: readonly DecodedEvent[]
  readonly lastEventId?: string
  readonly retry?: readonly number[]
  readonly comments?: readonly string[]
  readonly after?: readonly number[]
}

interface FrameCase {
  readonly name: string
  readonly fields: SseEvent & { readonly comment?: string }
  readonly frame?: string
  readonly refused?: string
}

const folder = new URL('../../vectors/', import.meta.url)
const utf8 = new TextEncoder()
const files = readdirSync(folder).filter((file) => file.endsWith('.json') && file !== 'frames.json')

describe.each(files)('%s', (file) => {
  test.each(load<DecodeCase>(file))('$name', (vector) => {
    const expected = expectedOf(vector)
    const chunks = vector.chunks.map(bytesOf)
    const after: number[] = []
    const onChunk = (events: readonly DecodedEvent[]) => void after.push(events.length)
    expect(readAll(chunks, { onChunk })).toMatchObject(expected)
    if (vector.after) expect(after).toEqual(vector.after)

    const whole = concat(chunks)
    const oneByOne = Array.from(whole, (byte) => Uint8Array.of(byte))
    expect(readAll([whole])).toMatchObject(expected)
    expect(readAll(oneByOne)).toMatchObject(expected)
    for (let cut = 0; cut <= whole.length; cut++) {
      const halves = [whole.subarray(0, cut), whole.subarray(cut)]
      expect(readAll(halves)).toMatchObject(expected)
    }
  })
})

describe('text instead of bytes', () => {
  const texts = files.flatMap(load<DecodeCase>).filter(isText)

  test.each(texts)('$name', (vector) => {
    const whole = vector.chunks.join('')
    expect(readAll(vector.chunks)).toMatchObject(expectedOf(vector))
    expect(readAll([whole])).toMatchObject(expectedOf(vector))
    expect(readAll(whole.split(''))).toMatchObject(expectedOf(vector))
    for (let cut = 0; cut <= whole.length; cut++) {
      const [front, back] = [whole.slice(0, cut), whole.slice(cut)]
      expect(readAll([front, back])).toMatchObject(expectedOf(vector))
    }
  })
})

describe('frames.json', () => {
  test.each(load<FrameCase>('frames.json'))('$name', ({ fields, frame, refused }) => {
    const encode = () =>
      fields.comment === undefined ? encodeEvent(fields) : encodeComment(fields.comment)
    if (refused === undefined) expect(encode()).toBe(frame)
    else expect(encode).toThrow(expect.objectContaining({ field: refused }))
  })
})

function load<Case>(file: string): Case[] {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Case[]
}

function expectedOf({ events, retry, comments, lastEventId }: DecodeCase) {
  return {
    events,
    failure: undefined,
    ...(retry && { retry }),
    ...(comments && { comments }),
    ...(lastEventId !== undefined && { lastEventId }),
  }
}

function bytesOf(chunk: DecodeCase['chunks'][number]): Uint8Array {
  return typeof chunk === 'string'
    ? utf8.encode(chunk)
    : Uint8Array.from(Buffer.from(chunk.hex, 'hex'))
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(chunks))
}

function isText(vector: DecodeCase): vector is DecodeCase & { readonly chunks: readonly string[] } {
  return vector.chunks.every((chunk) => typeof chunk === 'string')
}
