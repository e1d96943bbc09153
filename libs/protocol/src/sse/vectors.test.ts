import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  createDecoder,
  encodeComment,
  encodeEvent,
  type DecodedEvent,
  type DecoderOptions,
  type SseEvent,
} from './index.ts'
import { createSmallDecoder } from './small.ts'

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

describe.each([createDecoder, createSmallDecoder])('%o', (create) => {
  describe.each(files)('%s', (file) => {
    test.each(load<DecodeCase>(file))('$name', (vector) => {
      const expected = expectedOf(vector)
      const chunks = vector.chunks.map(bytesOf)
      const asGiven = run(chunks, create)
      expect(asGiven).toMatchObject(expected)
      if (vector.after) expect(asGiven.after).toEqual(vector.after)

      const whole = concat(chunks)
      const oneByOne = Array.from(whole, (byte) => Uint8Array.of(byte))
      expect(run([whole], create)).toMatchObject(expected)
      expect(run(oneByOne, create)).toMatchObject(expected)
      for (let cut = 0; cut <= whole.length; cut++) {
        const halves = [whole.subarray(0, cut), whole.subarray(cut)]
        expect(run(halves, create)).toMatchObject(expected)
      }
    })
  })
})

describe('text instead of bytes', () => {
  const texts = files.flatMap(load<DecodeCase>).filter(isText)

  test.each(texts)('$name', (vector) => {
    const whole = vector.chunks.join('')
    expect(run(vector.chunks, createDecoder)).toMatchObject(expectedOf(vector))
    expect(run([whole], createDecoder)).toMatchObject(expectedOf(vector))
    expect(run(whole.split(''), createDecoder)).toMatchObject(expectedOf(vector))
    for (let cut = 0; cut <= whole.length; cut++) {
      const [front, back] = [whole.slice(0, cut), whole.slice(cut)]
      expect(run([front, back], createDecoder)).toMatchObject(expectedOf(vector))
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

function run<Chunk>(
  chunks: readonly Chunk[],
  create: (options: DecoderOptions) => { push(chunk: Chunk): void; readonly lastEventId: string },
) {
  const events: DecodedEvent[] = []
  const retry: number[] = []
  const comments: string[] = []
  const after: number[] = []
  const decoder = create({
    onEvent: (event) => events.push(event),
    onRetry: (retryMs) => retry.push(retryMs),
    onComment: (text) => comments.push(text),
  })
  for (const chunk of chunks) {
    decoder.push(chunk)
    after.push(events.length)
  }
  return { events, retry, comments, after, lastEventId: decoder.lastEventId }
}

function expectedOf({ events, retry, comments, lastEventId }: DecodeCase) {
  return {
    events,
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
