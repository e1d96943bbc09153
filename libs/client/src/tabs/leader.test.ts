import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { refused } from '../../test/link.ts'
import { createManualClock, type ManualClock } from '../../test/manual-clock.ts'
import type { ReceivedEvent } from '../connection/received-event.ts'
import { normalizeOptions } from '../options.ts'
import { createLeader, MAX_TABS, type Leader } from './leader.ts'
import type { TabContext } from './tab-context.ts'

const COLLECT_MS = 50

let clock: ManualClock
let requestedTopics: string[][]
/** Writes to the response of the last request. */
let write: (text: string) => void
/** Releases the lock of a tab, as the browser does when the tab is closed. */
let releases: Map<string, () => void>
let delivered: ReceivedEvent[]
let leader: Leader | undefined

beforeEach(() => {
  clock = createManualClock()
  requestedTopics = []
  releases = new Map()
  delivered = []
  const request = (name: string, _options: unknown, callback: () => void): Promise<void> => {
    releases.set(name, callback)
    return Promise.resolve()
  }
  const query = (): Promise<LockManagerSnapshot> => Promise.resolve({ held: [{ name: 'tab-0' }] })
  vi.stubGlobal('navigator', { locks: { query, request } })
})
afterEach(() => {
  leader?.close()
  vi.unstubAllGlobals()
})

function createContext(): TabContext {
  const settings = normalizeOptions('http://127.0.0.1:1/events', {
    clock,
    fetch(url) {
      requestedTopics.push(new URL(new Request(url).url).searchParams.getAll('topic'))
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
      const writer = writable.getWriter()
      write = (text) => void writer.write(new TextEncoder().encode(text))
      return Promise.resolve(
        new Response(readable, { headers: { 'content-type': 'text/event-stream' } }),
      )
    },
  })
  return {
    settings,
    tabId: 'own',
    listener: { onStatus: () => undefined, onEvents: () => undefined },
    deliver: (events) => void delivered.push(...events),
    lastNumber: () => 0,
    lastEventId: () => '',
    missingTopics: () => [],
    setActiveTopics: () => undefined,
    lockOf: (tabId) => `tab-${tabId}`,
    broadcast: () => undefined,
  }
}

function sendTopics(tabId: string, topic: string): void {
  const missing = { missingTopics: [], lastEventId: '', lastNumber: 0 }
  leader?.receive({ type: 'topics', from: tabId, topics: [topic], ...missing })
}

test('a leader serves at most 256 other tabs, and another tab once one of them is closed', async () => {
  leader = createLeader(createContext(), ['own'])
  for (let tab = 0; tab <= MAX_TABS; tab++) sendTopics(`${tab}`, `topic/${tab}`)
  clock.advance(COLLECT_MS)
  await vi.waitFor(() => expect(requestedTopics).toHaveLength(1))
  expect(requestedTopics[0]).toHaveLength(1 + 256)
  expect(requestedTopics[0]).toContain('topic/255')
  expect(requestedTopics[0]).not.toContain('topic/256')

  // A tab that the leader serves already may change its topics.
  sendTopics('0', 'changed')
  clock.advance(COLLECT_MS)
  await vi.waitFor(() => expect(requestedTopics.at(-1)).toContain('changed'))

  releases.get('tab-1')?.()
  sendTopics('256', 'topic/256')
  clock.advance(COLLECT_MS)
  await vi.waitFor(() => expect(requestedTopics.at(-1)).toContain('topic/256'))
  expect(requestedTopics.at(-1)).not.toContain('topic/1')
  expect(requestedTopics.at(-1)).toHaveLength(1 + 256)
})

test('a leader does not request a refused topic again when it or another tab changes its other topics', async () => {
  leader = createLeader(createContext(), ['gone', 'own'])
  sendTopics('1', 'gone')
  clock.advance(COLLECT_MS)
  await vi.waitFor(() => expect(requestedTopics).toEqual([['gone', 'own']]))
  write(refused('gone', 'unknown'))
  await vi.waitFor(() => expect(delivered).toHaveLength(1))
  sendTopics('2', 'other')
  clock.advance(COLLECT_MS)
  await vi.waitFor(() => expect(requestedTopics).toHaveLength(2))
  expect(requestedTopics[1]).toEqual(['other', 'own'])

  // A tab that names the topic after the refusal requests it again.
  sendTopics('1', 'gone')
  clock.advance(COLLECT_MS)
  await vi.waitFor(() => expect(requestedTopics).toHaveLength(3))
  expect(requestedTopics[2]).toEqual(['gone', 'other', 'own'])
})
