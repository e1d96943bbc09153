import type { Stream } from '@downlink/protocol'
import { describe, expect, test } from 'vitest'
import { job, prices } from '../../test/streams.ts'
import { createFrame, type Frame } from './frames.ts'
import { createReaderQueue } from './queue.ts'

const streams = new Map<string, Stream>([
  [prices.topic, prices],
  [job.topic, job],
])
// Of one length, so that frames are.
let seq = 1_000

function frame(topic: string, event: string): Frame {
  seq += 1
  return createFrame('plain', 'e', { topic, event, data: 'x'.repeat(20), seq, atMs: 0 })
}

const FRAME_BYTES = frame('prices', 'A').bytes.length

function names(frames: readonly Frame[]): string[] {
  return frames.map(({ entry }) => entry.event)
}

describe('a reader that falls behind', () => {
  test('loses nothing as long as the bound is kept', () => {
    const queue = createReaderQueue(streams, 10 * FRAME_BYTES)
    for (const event of ['A', 'B', 'A', 'A']) expect(queue.push(frame('prices', event))).toBe(true)
    const { frames, dropped } = queue.take()
    expect(names(frames)).toEqual(['A', 'B', 'A', 'A'])
    expect(dropped.size).toBe(0)
    expect(queue.bytes).toBe(0)
  })

  test('of `latest` topics keeps the newest of each event name, in order, and counts the rest', () => {
    const queue = createReaderQueue(streams, 5 * FRAME_BYTES)
    const pushed = ['A', 'B', 'A', 'A', 'A', 'B'].map((event) => frame('prices', event))
    for (const one of pushed) expect(queue.push(one)).toBe(true)
    const { frames, dropped } = queue.take()
    expect(frames).toEqual([pushed[4], pushed[5]])
    expect([...dropped]).toEqual([['prices', 4]])
  })

  test('of `every` topics loses nothing: the queue says that it is over its bound', () => {
    const queue = createReaderQueue(streams, 3.5 * FRAME_BYTES)
    const fits = [1, 2, 3, 4].map(() => queue.push(frame('job', 'step')))
    expect(fits).toEqual([true, true, true, false])
  })

  test('keeps what counts of `every` topics while `latest` ones make room', () => {
    const queue = createReaderQueue(streams, 5 * FRAME_BYTES)
    for (const event of ['A', 'step', 'A', 'step', 'A', 'done', 'A']) {
      expect(queue.push(frame(event === 'A' ? 'prices' : 'job', event))).toBe(true)
    }
    const { frames, dropped } = queue.take()
    expect(names(frames)).toEqual(['step', 'step', 'done', 'A'])
    expect([...dropped]).toEqual([['prices', 3]])
  })

  test('never loses the event that ends a `latest` stream', () => {
    const ending = { ...prices, finalEvents: ['B'] }
    const queue = createReaderQueue(new Map([['prices', ending]]), 3 * FRAME_BYTES)
    for (const event of ['A', 'A', 'B', 'A', 'B', 'A']) queue.push(frame('prices', event))
    expect(names(queue.take().frames)).toEqual(['B', 'B', 'A'])
  })
})
