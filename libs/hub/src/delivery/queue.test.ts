import type { Stream } from '@downlink/protocol'
import { describe, expect, test } from 'vitest'
import { job, prices } from '../../test/streams.ts'
import { createFrame, type Frame } from './frames.ts'
import { createSubscriberQueue } from './queue.ts'

const streams = new Map<string, Stream>([
  [prices.topic, prices],
  [job.topic, job],
])
// All seqs have four digits, so that all frames have the same size.
let seq = 1_000

function frame(topic: string, event: string): Frame {
  seq += 1
  return createFrame('plain', 'e', { topic, event, data: 'x'.repeat(20), seq, atMs: 0 })
}

const FRAME_BYTES = frame('prices', 'A').bytes.length

function names(frames: readonly Frame[]): string[] {
  return frames.map(({ entry }) => entry.event)
}

describe('the queue of a slow subscriber', () => {
  test('drops nothing below its limit', () => {
    const queue = createSubscriberQueue(streams, 10 * FRAME_BYTES)
    for (const event of ['A', 'B', 'A', 'A']) expect(queue.push(frame('prices', event))).toBe(true)
    const { frames, dropped } = queue.take()
    expect(names(frames)).toEqual(['A', 'B', 'A', 'A'])
    expect(dropped.size).toBe(0)
    expect(queue.bytes).toBe(0)
  })

  test('keeps the latest event of each name of topics that conflate, in order, and counts the dropped events', () => {
    const queue = createSubscriberQueue(streams, 5 * FRAME_BYTES)
    const pushed = ['A', 'B', 'A', 'A', 'A', 'B'].map((event) => frame('prices', event))
    for (const one of pushed) expect(queue.push(one)).toBe(true)
    const { frames, dropped } = queue.take()
    expect(frames).toEqual([pushed[4], pushed[5]])
    expect([...dropped]).toEqual([['prices', 4]])
  })

  test('drops no event of topics that disconnect, and returns false above its limit', () => {
    const queue = createSubscriberQueue(streams, 3.5 * FRAME_BYTES)
    const fits = [1, 2, 3, 4].map(() => queue.push(frame('job', 'step')))
    expect(fits).toEqual([true, true, true, false])
  })

  test('drops events of topics that conflate before it rejects those of topics that disconnect', () => {
    const queue = createSubscriberQueue(streams, 5 * FRAME_BYTES)
    for (const event of ['A', 'step', 'A', 'step', 'A', 'done', 'A']) {
      expect(queue.push(frame(event === 'A' ? 'prices' : 'job', event))).toBe(true)
    }
    const { frames, dropped } = queue.take()
    expect(names(frames)).toEqual(['step', 'step', 'done', 'A'])
    expect([...dropped]).toEqual([['prices', 3]])
  })

  test('never drops the final event of a topic that conflates', () => {
    const ending = { ...prices, finalEvents: ['B'] }
    const queue = createSubscriberQueue(new Map([['prices', ending]]), 3 * FRAME_BYTES)
    for (const event of ['A', 'A', 'B', 'A', 'B', 'A']) queue.push(frame('prices', event))
    expect(names(queue.take().frames)).toEqual(['B', 'B', 'A'])
  })
})
