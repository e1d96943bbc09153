import { describe, expect, test } from 'vitest'
import { createDecoderStream, encodeEventBytes, readEvents, type DecodedEvent } from './index.ts'

const utf8 = new TextEncoder()

describe('createDecoderStream', () => {
  test('emits a batch for each chunk that completes events', async () => {
    const stream = createDecoderStream({ lastEventId: '1-6' })
    const batches = bodyOf('data: a\n\ndata: b\n\ndata', ': c\n', '\nid: 1-7\n\n').pipeThrough(
      stream,
    )
    expect(await collect(batches)).toEqual([
      [
        { event: 'message', data: 'a', id: '1-6' },
        { event: 'message', data: 'b', id: '1-6' },
      ],
      [{ event: 'message', data: 'c', id: '1-6' }],
    ])
    expect(stream.lastEventId).toBe('1-7')
  })

  test.each([
    ['in the chunk of other events', ['data: a\n\ndata: 123456\n\n']],
    ['in a chunk of its own', ['data: a\n\n', 'data: 123456\n\n']],
  ])('errors for an event over the bound %s, after the events before it', async (_name, chunks) => {
    const batches = bodyOf(...chunks).pipeThrough(createDecoderStream({ maxEventBytes: 5 }))
    const seen: DecodedEvent[] = []
    const reading = (async () => {
      for await (const batch of batches) seen.push(...batch)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'event-too-large' })
    expect(seen).toEqual([{ event: 'message', data: 'a', id: '' }])
  })
})

describe('readEvents', () => {
  test('iterates over batches', async () => {
    const batches = readEvents(
      bodyOf('data: a\n\ndata: b\n\n', ': beat\n\n', 'data: c\n\ndata: cut'),
    )
    const data = (await collect(batches)).map((batch) => batch.map((event) => event.data))
    expect(data).toEqual([['a', 'b'], ['c']])
  })

  test('cancels the stream when the loop is left', async () => {
    let cancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(encodeEventBytes({ data: 'tick' })),
      cancel: () => void (cancelled = true),
    })
    for await (const [event] of readEvents(endless)) {
      expect(event?.data).toBe('tick')
      break
    }
    expect(cancelled).toBe(true)
    expect(endless.locked).toBe(false)
  })

  test('throws for an event over maxEventBytes, after the events before it', async () => {
    const batches = readEvents(bodyOf('data: a\n\ndata: 123456\n\n'), { maxEventBytes: 5 })
    expect((await batches.next()).value).toMatchObject([{ data: 'a' }])
    await expect(batches.next()).rejects.toMatchObject({
      name: 'SseError',
      code: 'event-too-large',
    })
  })

  test('rejects with the error of the stream', async () => {
    const failing = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new TypeError('network')),
    })
    await expect(readEvents(failing).next()).rejects.toThrow('network')
  })
})

function bodyOf(...chunks: string[]): ReadableStream<Uint8Array> {
  const rest = chunks.map((chunk) => utf8.encode(chunk))
  return new ReadableStream({
    pull(controller) {
      const chunk = rest.shift()
      if (chunk) controller.enqueue(chunk)
      else controller.close()
    },
  })
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of stream) all.push(item)
  return all
}
