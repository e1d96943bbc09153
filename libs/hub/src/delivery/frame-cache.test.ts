import { expect, test } from 'vitest'
import type { LogEntry } from '../log/event-log.ts'
import { createFrameCache } from './frame-cache.ts'
import type { Frame } from './frames.ts'

function entry(seq: number, data = ''): LogEntry {
  return { topic: 'a', event: 'message', data, seq, atMs: 0 }
}

function textOf({ bytes }: Frame): string {
  return new TextDecoder().decode(bytes)
}

test('an entry is encoded once for each format', () => {
  const { frame } = createFrameCache()
  const plain = frame('plain', 'e', entry(1))
  expect(frame('plain', 'e', entry(1))).toBe(plain)
  expect(textOf(frame('multiplexed', 'e', entry(1)))).toBe('event: a/message\nid: e-1\ndata: \n\n')
})

test('frames of two epochs with the same seq are different', () => {
  const { frame } = createFrameCache()
  frame('plain', 'e', entry(1, 'old'))
  expect(textOf(frame('plain', 'f', entry(1, 'new')))).toBe('id: f-1\ndata: new\n\n')
})

test('a seq that the log uses again for another topic gets a new frame', () => {
  const { frame } = createFrameCache()
  frame('plain', 'e', entry(1, 'of topic a'))
  const reused = { ...entry(1, 'of topic b'), topic: 'b' }
  expect(textOf(frame('plain', 'e', reused))).toBe('id: e-1\ndata: of topic b\n\n')
  expect(frame('plain', 'e', reused)).toBe(frame('plain', 'e', reused))
})

test('clearing removes all frames', () => {
  const { frame, clear } = createFrameCache()
  const plain = frame('plain', 'e', entry(1))
  const multiplexed = frame('multiplexed', 'e', entry(1))
  clear()
  expect(frame('plain', 'e', entry(1))).not.toBe(plain)
  expect(frame('multiplexed', 'e', entry(1))).not.toBe(multiplexed)
})

test('only about the newest thousand frames are kept', () => {
  const { frame } = createFrameCache()
  const first = frame('plain', 'e', entry(1))
  for (let seq = 2; seq <= 1_024; seq++) frame('plain', 'e', entry(seq))
  expect(frame('plain', 'e', entry(1))).toBe(first)
  frame('plain', 'e', entry(1_025))
  expect(frame('plain', 'e', entry(1))).not.toBe(first)
})
