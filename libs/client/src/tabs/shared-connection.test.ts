import type * as protocol from '@downlink/protocol'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { startTabs, type Tabs } from '../../test/tabs.ts'
import { startTopicServer, type History, type TopicServer } from '../../test/topic-server.ts'
import type * as client from '../index.ts'
import type { Link } from '../link/link.ts'

let tabs: Tabs
let server: TopicServer
let port = 0
let history: History
/** The pages of the current test, and those that later tests use again, because opening a page is slow. */
let pages: Page[]
const idlePages: Page[] = []

beforeAll(async () => {
  tabs = await startTabs()
})
afterAll(() => tabs.close())
beforeEach(async () => {
  history = { events: [] }
  server = await startTopicServer(port, history)
  port = Number(new URL(server.url).port)
  pages = []
})
afterEach(async () => {
  for (const page of pages.filter((page) => !page.isClosed())) {
    if (spoiled.has(page)) await page.close()
    else idlePages.push(page)
  }
  await Promise.all(
    idlePages.map((page) => page.evaluate(() => (globalThis as unknown as Globals).link.close())),
  )
  await server.close()
})
/** Pages that crashed, or whose globals a test replaced. They are not used again. */
const spoiled = new WeakSet<Page>()

test('seven tabs use one connection, and each receives every event once', async () => {
  await openTabs(7)
  for (let i = 1; i <= 5; i++) server.publish('news', String(i))
  await expectEverywhere('1 2 3 4 5')
  expect(server.open.size).toBe(1)
})

test('a tab with another topic causes one request, and receives only its topic', async () => {
  const first = await openTab(['news'])
  server.publish('news', 'a')
  await expectEverywhere('a')
  const other = await openTab(['ticks'])
  await vi.waitFor(() => expect(server.visits).toHaveLength(2))
  expect(server.visits[1]?.url.searchParams.getAll('topic')).toEqual(['news', 'ticks'])
  await vi.waitFor(() => expect(server.open.size).toBe(1))
  server.publish('ticks', 'tick')
  server.publish('news', 'b')
  await expectGot(other, 'tick')
  await expectGot(first, 'a b')
  await other.close()
  await vi.waitFor(() => expect(server.visits).toHaveLength(3))
  expect(server.visits[2]?.url.searchParams.getAll('topic')).toEqual(['news'])
})

test('tabs that open late receive their topics from the start with one request, and no tab receives an event twice', async () => {
  await openTabs(2)
  server.publish('news', '1')
  server.publish('news', '2')
  await expectEverywhere('1 2')
  const before = server.visits.length
  const late = await Promise.all([openTab(['news']), openTab(['news'])])
  await Promise.all(late.map((page) => expectGot(page, '1 2')))
  expect(server.visits.length - before).toBeLessThanOrEqual(2)
  expect(server.visits.at(-1)?.url.searchParams.getAll('added')).toEqual(['news'])
  server.publish('news', '3')
  await expectEverywhere('1 2 3')
  expect(server.open.size).toBe(1)
})

test('followers and the leader receive a topic from its start, even if another tab reads it already', async () => {
  const leader = await openTab(['news'])
  const follower = await openTab(['ticks'])
  server.publish('news', 'n1')
  server.publish('ticks', 't1')
  await expectGot(leader, 'n1')
  await expectGot(follower, 't1')
  await read(follower, 'news')
  await expectGot(follower, 't1 n1')
  await read(leader, 'ticks')
  await expectGot(leader, 'n1 t1')
  server.publish('news', 'n2')
  await expectGot(leader, 'n1 t1 n2')
  await expectGot(follower, 't1 n1 n2')
})

test('a tab that opens late receives its topics from the next leader if the leader closes', async () => {
  const [leader, other] = await openTabs(2)
  server.publish('news', '1')
  await expectEverywhere('1')
  const opening = openTab(['news'])
  await leader?.close()
  await expectGot(await opening, '1')
  server.publish('news', '2')
  await expectGot(other as Page, '1 2')
  await expectEverywhere('1 2')
})

test('another tab takes over when the leader is closed, without loss or duplicates', async () => {
  const [leader, ...others] = await openTabs(3)
  server.publish('news', '1')
  await expectEverywhere('1')
  const before = server.visits.length
  await leader?.close()
  for (let i = 2; i <= 20; i++) server.publish('news', String(i))
  await Promise.all(others.map((page) => expectGot(page, upTo(20))))
  expect(server.visits).toHaveLength(before + 1)
  expect(server.open.size).toBe(1)
})

test('another tab takes over when the leader crashes, without loss or duplicates', async () => {
  const [leader, ...others] = await openTabs(3)
  server.publish('news', '1')
  await expectEverywhere('1')
  const session = await tabs.context.newCDPSession(leader as Page)
  spoiled.add(leader as Page)
  void session.send('Page.crash').catch(() => undefined)
  for (let i = 2; i <= 20; i++) server.publish('news', String(i))
  await Promise.all(others.map((page) => expectGot(page, upTo(20))))
  await vi.waitFor(() => expect(server.open.size).toBe(1))
})

test('a leader that blocks while it holds its lock is replaced, and follows afterwards', async () => {
  const [leader, ...others] = await openTabs(2, { speed: 20 })
  server.publish('news', '1')
  await expectEverywhere('1')
  const before = server.visits.length
  const asleep = leader?.evaluate(() => {
    const until = Date.now() + 1_000
    while (Date.now() < until);
  })
  await vi.waitFor(() => expect(server.visits).toHaveLength(before + 1), { timeout: 4_000 })
  for (let i = 2; i <= 10; i++) server.publish('news', String(i))
  await Promise.all(others.map((page) => expectGot(page, upTo(10))))
  await asleep
  await expectGot(leader as Page, upTo(10))
  await vi.waitFor(() => expect(server.open.size).toBe(1))
  server.publish('news', '11')
  await expectEverywhere(upTo(11))
})

test('a leader resigns before it is frozen, and follows after it resumes', async () => {
  const [leader, other] = await openTabs(2)
  server.publish('news', '1')
  await expectEverywhere('1')
  const before = server.visits.length
  await leader?.evaluate(() => document.dispatchEvent(new Event('freeze')))
  await vi.waitFor(() => expect(server.visits).toHaveLength(before + 1))
  server.publish('news', '2')
  await expectGot(other as Page, '1 2')
  await leader?.evaluate(() => document.dispatchEvent(new Event('resume')))
  server.publish('news', '3')
  await expectEverywhere('1 2 3')
  expect(server.open.size).toBe(1)
})

test('every tab is offline with the network, and receives what it missed', async () => {
  const all = await openTabs(2)
  server.publish('news', '1')
  await expectEverywhere('1')
  await tabs.context.setOffline(true)
  await Promise.all(all.map((page) => expectStatus(page, 'offline')))
  server.publish('news', '2')
  await tabs.context.setOffline(false)
  await Promise.all(all.map((page) => expectStatus(page, 'live')))
  server.publish('news', '3')
  await expectEverywhere('1 2 3')
})

test('after a restart of the server the tabs resume on one connection', async () => {
  const all = await openTabs(3)
  server.publish('news', '1')
  await expectEverywhere('1')
  await server.close()
  await Promise.all(all.map((page) => expectStatus(page, 'reconnecting')))
  history.events.push({ topic: 'news', data: '2', seq: 2 })
  server = await startTopicServer(port, history)
  await Promise.all(all.map((page) => expectStatus(page, 'live')))
  server.publish('news', '3')
  await expectEverywhere('1 2 3')
  expect(server.open.size).toBe(1)
})

test('a refusal reaches every tab as an error with its fields, and any tab can retry', async () => {
  const page = await openTab(['news'], { path: '/refused' })
  await expectStatus(page, 'failed')
  const other = await openTab(['news'], { path: '/refused' })
  await expectStatus(other, 'failed')
  expect(
    await other.evaluate(() => {
      const { link, downlink } = globalThis as unknown as Globals
      const { status } = link
      return status.state === 'failed' && status.error instanceof downlink.LinkError
        ? [status.error.code, status.error.status]
        : status
    }),
  ).toEqual(['refused', 404])
})

test('each tab has its own connection without share, and without Web Locks', async () => {
  await openTab(['news'], { share: false })
  await openTab(['news'], { share: false })
  await openTab(['news'], { locks: 'missing' })
  await openTab(['news'], { locks: 'denied' })
  server.publish('news', 'x')
  await expectEverywhere('x')
  expect(server.open.size).toBe(4)
})

test('on the plain format a change of the leader causes no loss or duplicates, although ids count from 1 on each connection', async () => {
  const [leader, ...others] = await openTabs(3, { path: '/plain', format: 'plain' })
  for (const [index, data] of ['a', 'b', 'c'].entries()) server.publishPlain(index + 1, data)
  await expectEverywhere('a b c')
  await leader?.close()
  await vi.waitFor(
    () => {
      const [visit] = server.openPlain
      expect(visit?.request.headers['last-event-id']).toBe('3')
    },
    { timeout: 4_000 },
  )
  await Promise.all(others.map((page) => expectStatus(page, 'live')))
  for (const [index, data] of ['d', 'e', 'f', 'g'].entries()) server.publishPlain(index + 1, data)
  await Promise.all(others.map((page) => expectGot(page, 'a b c d e f g')))
  expect(server.openPlain.size).toBe(1)
})

test('a refused topic fails in every tab that reads it, and a later subscription requests it again', async () => {
  const [leader, follower] = (await openTabs(2)) as [Page, Page]
  server.refuse.add('gone')
  await Promise.all([read(leader, 'gone'), read(follower, 'gone')])
  await expectRefused(leader, ['gone unknown'])
  await expectRefused(follower, ['gone unknown'])
  const before = server.visits.length
  server.publish('news', '1')
  await expectEverywhere('1')
  expect(server.visits).toHaveLength(before)
  server.refuse.clear()
  await read(follower, 'gone')
  await vi.waitFor(() => expect(server.visits).toHaveLength(before + 1))
  server.publish('gone', '2')
  await expectGot(follower, '1 2')
  await expectGot(leader, '1')
})

test('invalid messages are ignored, and an older version has its own channel', async () => {
  const [leader, follower] = (await openTabs(2)) as [Page, Page]
  server.publish('news', '1')
  await expectEverywhere('1')
  const errors: string[] = []
  for (const page of [leader, follower]) page.on('pageerror', (error) => errors.push(error.message))
  const before = server.visits.length
  const stranger = await tabs.open(server)
  await stranger.evaluate(async () => {
    const { held = [] } = await navigator.locks.query()
    const names = held.map(({ name = '' }) => name).sort((a, b) => a.length - b.length)
    const [name = ''] = names
    if (!/^downlink\/\d+ multiplexed /.test(name)) throw new Error(`no version in ${name}`)
    const message = {
      ...{ from: 'x', type: 'events', batch: 0, firstNumber: 1 },
      ...{ startId: '', lastEventId: '' },
    }
    const messages = [
      ...[null, 1, 'text', [], {}, { type: 'leader' }, { from: 'x', type: 'unheard-of' }],
      ...[
        { from: 'x', type: 'topics' },
        {
          from: 'x',
          type: 'topics',
          topics: [1],
          missingTopics: [],
          lastEventId: '',
          lastNumber: 0,
        },
      ],
      ...[{ from: 'x', type: 'status', status: { state: 'failed' } }],
      ...[
        { from: 'x', type: 'status', status: null },
        { from: 'x', type: 'frame' },
      ],
      ...[message, { ...message, events: [null] }, { ...message, events: 1 }],
    ]
    const channel = new BroadcastChannel(name)
    for (const one of messages) channel.postMessage(one)
    const older = new BroadcastChannel(name.replace(/^downlink\/\d+ multiplexed/, 'downlink'))
    older.postMessage({ type: 'leader', from: 'x' })
  })
  server.publish('news', '2')
  await expectEverywhere('1 2')
  await stranger.close()
  expect(errors).toEqual([])
  expect(server.visits).toHaveLength(before)
})

interface Globals {
  refused: string[]
  downlink: typeof client & typeof protocol
  link: Link
  got: string[]
}

interface TabOptions {
  /** How many times faster than real time the tab's clock runs. */
  speed?: number
  path?: string
  format?: 'plain'
  share?: boolean
  /** Pages that are not secure have no Web Locks, and pages without access to storage may not use them. */
  locks?: 'missing' | 'denied'
}

/** Opens tabs that read `news`. The first is the leader. */
async function openTabs(count: number, options?: TabOptions): Promise<Page[]> {
  const open = (): Promise<Page> => openTab(['news'], options)
  const first = await open()
  return [first, ...(await Promise.all(Array.from({ length: count - 1 }, open)))]
}

async function openTab(topics: string[], options: TabOptions = {}): Promise<Page> {
  const page = idlePages.pop() ?? (await tabs.open(server))
  pages.push(page)
  if (options.locks !== undefined) spoiled.add(page)
  await page.evaluate(
    ({ options: { speed = 1, path = '/events', share = true, format, locks } }) => {
      const globals = globalThis as unknown as Globals
      const { createLink } = globals.downlink
      if (locks !== undefined) {
        const deny = (): Promise<never> =>
          Promise.reject(new DOMException('Denied.', 'SecurityError'))
        const value = locks === 'denied' ? { query: deny, request: deny } : undefined
        Object.defineProperty(navigator, 'locks', { value })
      }
      globals.got = []
      globals.refused = []
      globals.link = createLink(path, {
        share,
        format,
        retryMs: 20,
        clock: {
          now: () => performance.now() * speed,
          dateMs: () => Date.now(),
          after(delayMs, callback) {
            const timer = setTimeout(callback, delayMs / speed)
            return () => clearTimeout(timer)
          },
          random: () => Math.random(),
        },
      })
    },
    { options },
  )
  await read(page, ...topics)
  if (options.path !== '/refused') await expectStatus(page, 'live')
  return page
}

async function read(page: Page, ...topics: string[]): Promise<void> {
  await page.evaluate((topics) => {
    const { link, got, refused, downlink } = globalThis as unknown as Globals
    const string = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => ({ value: String(value) }),
      },
    }
    for (const topic of topics) {
      const events = { message: downlink.text(string) }
      const stream = downlink.defineStream({ topic, events, overflow: 'disconnect' })
      link.subscribe(stream, {
        onEvent: ({ data }) => got.push(data),
        onError: ({ topic, reason }) => refused.push(`${topic} ${reason}`),
      })
    }
  }, topics)
}

async function expectEverywhere(got: string): Promise<void> {
  await Promise.all(pages.filter((page) => !page.isClosed()).map((page) => expectGot(page, got)))
}

async function expectGot(page: Page, got: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const now = await page.evaluate(() => (globalThis as unknown as Globals).got.join(' '))
      expect(now).toBe(got)
    },
    { timeout: 4_000 },
  )
}

async function expectRefused(page: Page, refused: string[]): Promise<void> {
  await vi.waitFor(
    async () => {
      const now = await page.evaluate(() => (globalThis as unknown as Globals).refused)
      expect(now).toEqual(refused)
    },
    { timeout: 4_000 },
  )
}

async function expectStatus(page: Page, state: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const now = await page.evaluate(() => (globalThis as unknown as Globals).link.status.state)
      expect(now).toBe(state)
    },
    { timeout: 4_000 },
  )
}

function upTo(count: number): string {
  return Array.from({ length: count }, (_, i) => i + 1).join(' ')
}
