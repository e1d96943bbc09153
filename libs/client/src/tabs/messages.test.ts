import { expect, test } from 'vitest'
import { parseMessage } from './messages.ts'

const event = { event: 'message', data: 'a', id: 'e-1' }
const status = { from: 'tab', type: 'status', status: { state: 'idle' } }
const reconnecting = {
  ...{ state: 'reconnecting', attempt: 1, retryAt: 2 },
  reason: { code: 'cut', message: 'text' },
}
const events = {
  ...{ from: 'tab', type: 'events', batch: 0, firstNumber: 1 },
  ...{ startId: '', lastEventId: 'e-1', events: [event] },
}
const frame = { from: 'tab', type: 'frame', frame: { text: 'a', bytes: 1, receivedAt: 2 } }
const topics = {
  ...{ from: 'tab', type: 'topics', topics: ['a'], missingTopics: ['a'] },
  ...{ lastEventId: '', lastNumber: 0 },
}

test.each<object>([
  { from: 'tab', type: 'leader' },
  { from: 'tab', type: 'heartbeat' },
  { from: 'tab', type: 'retry' },
  { from: 'tab', type: 'behind', lastEventId: 'e-1' },
  status,
  { ...status, to: 'other', topics: ['a'] },
  ...['connecting', 'live', 'stale', 'offline'].map((state) => ({
    ...status,
    status: { state, since: 1 },
  })),
  { ...status, status: reconnecting },
  { ...status, status: { state: 'ended', reason: 'closed' } },
  { ...status, status: { state: 'failed', facts: { code: 'refused', message: 'text' } } },
  events,
  { ...events, events: [{ ...event, topic: 'a' }] },
  { ...events, events: [{ ...event, hello: { outcome: 'fresh' } }] },
  { ...events, events: [{ ...event, refused: { topic: 'a', reason: 'unknown' } }] },
  { ...events, events: [{ ...event, dropped: { topic: 'a', count: 1 } }] },
  frame,
  topics,
])('accepts %j', (message) => {
  expect(parseMessage(message)).toBe(message)
})

test.each<unknown>([
  null,
  'text',
  { type: 'leader' },
  { from: 'x'.repeat(129), type: 'leader' },
  { from: 'tab', type: 'unknown' },
  { from: 'tab', type: 'behind' },
  { ...status, to: 1 },
  { ...status, topics: [1] },
  { ...status, status: null },
  { ...status, status: { state: 'unknown' } },
  { ...status, status: { state: 'live' } },
  { ...status, status: { ...reconnecting, attempt: '1' } },
  { ...status, status: { ...reconnecting, reason: { code: 'cut' } } },
  { ...status, status: { state: 'ended' } },
  { ...status, status: { state: 'failed', facts: { code: 'refused' } } },
  { ...events, batch: -1 },
  { ...events, firstNumber: 0.5 },
  { ...events, startId: 1 },
  { ...events, lastEventId: undefined },
  { ...events, events: {} },
  { ...events, events: [null] },
  { ...events, events: [{ ...event, id: 1 }] },
  { ...events, events: [{ ...event, topic: 1 }] },
  { ...events, events: [{ ...event, hello: {} }] },
  { ...events, events: [{ ...event, refused: { topic: 'a' } }] },
  { ...events, events: [{ ...event, dropped: { topic: 'a', count: -1 } }] },
  { ...frame, frame: undefined },
  { ...frame, frame: { ...frame.frame, text: 1 } },
  { ...frame, frame: { ...frame.frame, bytes: '1' } },
  { ...topics, topics: 'a' },
  { ...topics, topics: [1] },
  { ...topics, topics: Array.from({ length: 257 }, () => 'a') },
  { ...topics, missingTopics: undefined },
  { ...topics, lastEventId: 1 },
  { ...topics, lastNumber: -1 },
])('ignores %j', (message) => {
  expect(parseMessage(message)).toBeUndefined()
})
