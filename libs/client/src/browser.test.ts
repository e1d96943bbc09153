import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startStreamServer, type StreamServer } from '../test/stream-server.ts'
import { startTabs, type Tabs } from '../test/tabs.ts'

let tabs: Tabs
let server: StreamServer
let page: Page

beforeAll(async () => {
  tabs = await startTabs()
  server = await startStreamServer()
  page = await tabs.open(server)
})
afterAll(async () => {
  await tabs.close()
  await server.close()
})

/** Reads one event, closes the source and passes what it received to `tell`. */
const READ_ONE = `
  const source = new downlink.EventSource('/stream')
  source.onmessage = (event) => {
    source.close()
    tell([event.data, event.lastEventId, event.origin, event.target === source, downlink.EventSource.name])
  }
`

/** Resolves with the state of a source after its first error. */
const FAIL = `new Promise((tell) => {
  const source = new downlink.EventSource('/stream')
  source.onerror = () => tell(source.readyState)
})`

test('EventSource reads in a page like the native class, with a non-ASCII id', async () => {
  const reading = page.evaluate(`new Promise((tell) => { ${READ_ONE} })`)
  const first = await server.visit()
  first.open().write('id: ö\nretry: 10\n\n')
  first.end()
  const second = await server.visit()
  expect(second.request.headers['last-event-id']).toBe(Buffer.from('ö').toString('latin1'))
  second.open().write('data: a\ndata: b\n\n')
  expect(await reading).toEqual(['a\nb', 'ö', server.url, true, 'EventSource'])
  await second.closed
})

test('EventSource reads in a worker', async () => {
  const reading = page.evaluate(
    (code) =>
      new Promise((resolve) => {
        const worker = new Worker('/worker.js', { type: 'module' })
        worker.onmessage = ({ data }) => {
          worker.terminate()
          resolve(data)
        }
        worker.postMessage(`const tell = postMessage; ${code}`)
      }),
    READ_ONE,
  )
  const visit = await server.visit()
  visit.open().write('data: in a worker\n\n')
  expect(await reading).toEqual(['in a worker', '', server.url, true, 'EventSource'])
})

test('EventSource fails permanently for another content type', async () => {
  const failed = page.evaluate(FAIL)
  const visit = await server.visit()
  visit.open({ 'content-type': 'text/plain' })
  expect(await failed).toBe(2)
  await visit.closed
})

test('EventSource rejects a host that the standard rejects, although Chromium escapes it', async () => {
  const name = await page.evaluate(`{
    try {
      new downlink.EventSource('http://this is invalid/')
    } catch (error) {
      error.name
    }
  }`)
  expect(name).toBe('SyntaxError')
})

test('a link resumes after the network was lost', async () => {
  await page.evaluate(`{
    const { createLink, defineStream, text } = downlink
    const string = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
    const news = defineStream({ topic: 'news', events: { message: text(string) }, overflow: 'disconnect' })
    globalThis.got = []
    globalThis.link = createLink('/events', { retryMs: 10 })
    link.subscribe(news, { onEvent: ({ data }) => got.push(data) })
  }`)
  const first = await server.visit()
  first.open().write('event: news/message\nid: e-1\ndata: 1\n\n')
  await vi.waitFor(async () => expect(await page.evaluate('got.join()')).toBe('1'))
  await tabs.context.setOffline(true)
  await vi.waitFor(async () => expect(await page.evaluate('link.status.state')).toBe('offline'))
  const ids: unknown[] = []
  // A request may still succeed while the network goes offline, so every request is answered.
  void answerAll()
  await tabs.context.setOffline(false)
  await vi.waitFor(async () => expect(await page.evaluate('got.join()')).toBe('1,2'), 4_000)
  await page.evaluate('link.close()')
  expect(new Set(ids)).toEqual(new Set(['e-1']))

  async function answerAll(): Promise<never> {
    for (;;) {
      const visit = await server.visit()
      ids.push(visit.request.headers['last-event-id'])
      visit.open().write('event: news/message\nid: e-2\ndata: 2\n\n')
    }
  }
})
