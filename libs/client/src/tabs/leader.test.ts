import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createManualClock, type ManualClock } from '../../test/manual-clock.ts'
import { normalizeOptions } from '../options.ts'
import { createLeader, MAX_TABS, type Leader } from './leader.ts'
import type { TabContext } from './tab-context.ts'

const COLLECT_MS = 50

let clock: ManualClock
let requestedTopics: string[][]
/** Releases the lock of a tab, as the browser does when the tab is closed. */
let releases: Map<string, () => void>
let leader: Leader | undefined

beforeEach(() => {
  clock = createManualClock()
  requestedTopics = []
  releases = new Map()
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
      requestedTopics.push(new URL(String(url)).searchParams.getAll('topic'))
      return new Promise(() => undefined)
    },
  })
  return {
    settings,
    tabId: 'own',
    listener: { onStatus: () => undefined, onEvents: () => undefined },
    deliver: () => undefined,
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
