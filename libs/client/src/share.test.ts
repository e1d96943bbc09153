import type * as protocol from '@downlink/protocol'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { startTabs, type Tabs } from '../test/tabs.ts'
import { startTopicServer, type History, type TopicServer } from '../test/topic-server.ts'
import type * as client from './index.ts'
import type { Link } from './link.ts'

let tabs: Tabs
let server: TopicServer
let port = 0
let history: History
/** The pages that the present test uses, and those that wait to be used again: opening one takes long. */
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
    if (crashed.has(page)) await page.close()
    else idlePages.push(page)
  }
  await Promise.all(
    idlePages.map((page) => page.evaluate(() => (globalThis as unknown as Globals).link.close())),
  )
  await server.close()
})
const crashed = new WeakSet<Page>()

test('seven tabs use one connection, and each gets every event once', async () => {
  await openTabs(7)
  for (let i = 1; i <= 5; i++) server.publish('news', String(i))
  await expectEverywhere('1 2 3 4 5')
  expect(server.visits).toHaveLength(1)
  expect(server.open.size).toBe(1)
})

test('a tab with another topic makes one request more, and gets no topic it did not ask for', async () => {
  const [first] = await openTabs(2)
  server.publish('news', 'a')
  await expectEverywhere('a')
  const other = await openTab(['ticks'])
  await vi.waitFor(() => expect(server.visits).toHaveLength(2))
  expect(server.visits[1]?.url.searchParams.getAll('topic')).toEqual(['news', 'ticks'])
  await vi.waitFor(() => expect(server.open.size).toBe(1))
  server.publish('ticks', 'tick')
  server.publish('news', 'b')
  await expectGot(other, 'tick')
  await expectGot(first as Page, 'a b')
  await other.close()
  await vi.waitFor(() => expect(server.visits).toHaveLength(3))
  expect(server.visits[2]?.url.searchParams.getAll('topic')).toEqual(['news'])
})

test('the leader is closed: another takes over, with nothing lost or doubled', async () => {
  const [leader, ...others] = await openTabs(3)
  server.publish('news', '1')
  await expectEverywhere('1')
  await leader?.close()
  for (let i = 2; i <= 20; i++) server.publish('news', String(i))
  await Promise.all(others.map((page) => expectGot(page, upTo(20))))
  expect(server.visits).toHaveLength(2)
  expect(server.open.size).toBe(1)
})

test('the leader is killed: another takes over, with nothing lost or doubled', async () => {
  const [leader, ...others] = await openTabs(3)
  server.publish('news', '1')
  await expectEverywhere('1')
  const session = await tabs.context.newCDPSession(leader as Page)
  crashed.add(leader as Page)
  void session.send('Page.crash').catch(() => undefined)
  for (let i = 2; i <= 20; i++) server.publish('news', String(i))
  await Promise.all(others.map((page) => expectGot(page, upTo(20))))
  expect(server.open.size).toBe(1)
})

test('a leader that stands still with its lock is replaced, and follows when it wakes', async () => {
  const [leader, ...others] = await openTabs(2, { speed: 20 })
  server.publish('news', '1')
  await expectEverywhere('1')
  const asleep = leader?.evaluate(() => {
    const until = Date.now() + 1_000
    while (Date.now() < until);
  })
  await vi.waitFor(() => expect(server.visits).toHaveLength(2), { timeout: 4_000 })
  for (let i = 2; i <= 10; i++) server.publish('news', String(i))
  await Promise.all(others.map((page) => expectGot(page, upTo(10))))
  await asleep
  await expectGot(leader as Page, upTo(10))
  await vi.waitFor(() => expect(server.open.size).toBe(1))
  server.publish('news', '11')
  await expectEverywhere(upTo(11))
})

test('a leader that is about to be frozen gives its place up, and follows when it thaws', async () => {
  const [leader, other] = await openTabs(2)
  server.publish('news', '1')
  await expectEverywhere('1')
  await leader?.evaluate(() => document.dispatchEvent(new Event('freeze')))
  await vi.waitFor(() => expect(server.visits).toHaveLength(2))
  server.publish('news', '2')
  await expectGot(other as Page, '1 2')
  await leader?.evaluate(() => document.dispatchEvent(new Event('resume')))
  server.publish('news', '3')
  await expectEverywhere('1 2 3')
  expect(server.open.size).toBe(1)
})

test('offline and online again: every tab says so, and gets what it missed', async () => {
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

test('the server is restarted: the tabs come back on one connection, with their place', async () => {
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

test('a refusal reaches every tab as an error with its facts, and any tab may retry', async () => {
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

test('without sharing, or without the means for it, each tab connects for itself', async () => {
  await openTab(['news'], { share: false })
  await openTab(['news'], { share: false })
  await openTab(['news'], { locks: false })
  server.publish('news', 'x')
  await expectEverywhere('x')
  expect(server.open.size).toBe(3)
})

interface Globals {
  downlink: typeof client & typeof protocol
  link: Link
  got: string[]
}

interface TabOptions {
  /** How much faster than the real clock the tab's runs. */
  speed?: number
  path?: string
  share?: boolean
  /** Whether the tab has Web Locks. */
  locks?: boolean
}

/** Opens tabs that read `news`, the first of which leads. */
async function openTabs(count: number, options?: TabOptions): Promise<Page[]> {
  const open = (): Promise<Page> => openTab(['news'], options)
  const first = await open()
  return [first, ...(await Promise.all(Array.from({ length: count - 1 }, open)))]
}

async function openTab(topics: string[], options: TabOptions = {}): Promise<Page> {
  const page = idlePages.pop() ?? (await tabs.open(server))
  pages.push(page)
  await page.evaluate(
    ({ topics, options: { speed = 1, path = '/events', share = true, locks = true } }) => {
      const globals = globalThis as unknown as Globals
      const { createLink, defineStream, text } = globals.downlink
      if (!locks) Object.defineProperty(navigator, 'locks', { value: undefined })
      globals.got = []
      globals.link = createLink(path, {
        share,
        retryMs: 20,
        clock: {
          now: () => performance.now() * speed,
          setTimeout: (run, delayMs) => setTimeout(run, delayMs / speed),
          clearTimeout: (handle) => clearTimeout(handle as number),
        },
      })
      const string = {
        '~standard': {
          version: 1 as const,
          vendor: 'test',
          validate: (value: unknown) => ({ value: String(value) }),
        },
      }
      for (const topic of topics) {
        const stream = defineStream({
          topic,
          events: { message: text(string) },
          slowReader: 'every',
        })
        globals.link.subscribe(stream, { onEvent: ({ data }) => globals.got.push(data) })
      }
    },
    { topics, options },
  )
  if (options.path === undefined) await expectStatus(page, 'live')
  return page
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
