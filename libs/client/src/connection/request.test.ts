import { afterEach, describe, expect, test, vi } from 'vitest'
import { bye, message, read, until, useLinks } from '../../test/link.ts'
import { createLink } from '../link/link.ts'

const POST = { method: 'post', body: '{}' }
const fixture = useLinks()

describe('a request', () => {
  test('calls body and headers for each request', async () => {
    let count = 0
    const link = fixture.create({
      body: () => JSON.stringify({ count: ++count }),
      headers: () => ({ authorization: `Bearer ${count}`, 'content-type': 'application/json' }),
    })
    read(link)
    for (const round of [1, 2]) {
      const visit = await fixture.server.visit()
      expect(visit.request.method).toBe('POST')
      expect(visit.request.headers).toMatchObject({
        accept: 'text/event-stream',
        authorization: `Bearer ${round - 1}`,
      })
      expect(await visit.body()).toBe(`{"count":${round}}`)
      const failed = until(link, 'failed')
      visit.cut()
      await failed
      link.retryNow()
    }
  })

  test('passes credentials and a signal to a custom fetch', async () => {
    const asked: RequestInit[] = []
    const link = fixture.create({
      credentials: 'include',
      fetch: (_url, init) => {
        asked.push(init ?? {})
        return Promise.reject(new Error('no network', { cause: new Error('cable') }))
      },
    })
    read(link)
    const { reason } = await until(link, 'reconnecting')
    expect(reason).toEqual({ code: 'network', message: 'no network: cable' })
    expect(asked[0]).toMatchObject({ credentials: 'include', cache: 'no-store', method: 'GET' })
    expect(asked[0]?.signal).toBeInstanceOf(AbortSignal)
  })

  test('omits the fragment of the URL', async () => {
    const asked: unknown[] = []
    const link = createLink('http://127.0.0.1:1/events?a=1#part', {
      clock: fixture.clock,
      fetch: (url) => {
        asked.push(url)
        return Promise.reject(new Error('no network'))
      },
    })
    read(link)
    await until(link, 'reconnecting')
    link.close()
    expect(asked).toEqual(['http://127.0.0.1:1/events?a=1&topic=news'])
  })
})

describe('a POST', () => {
  afterEach(() => {
    // No timer is left that could send the request again.
    expect(fixture.clock.pending()).toEqual([])
    fixture.clock.advance(3_600_000)
    expect(fixture.server.visits).toHaveLength(1)
  })

  test('the link ends when the response ends', async () => {
    const link = fixture.create(POST)
    const { next } = read(link)
    const visit = await fixture.server.visit()
    visit.open().end(message('e-1', 'a'))
    expect(await next()).toMatchObject({ data: 'a' })
    expect(await until(link, 'ended')).toEqual({ state: 'ended', reason: 'complete' })
  })

  test.each([
    ['breaks before the response', 'cut'],
    ['breaks in the response', 'open cut'],
    ['receives a bye', 'bye'],
  ])('a request that %s fails the link with an error that says what to do', async (_name, how) => {
    const link = fixture.create(POST)
    read(link)
    const visit = await fixture.server.visit()
    if (how === 'cut') visit.cut()
    else {
      visit.open().write(how === 'bye' ? bye('draining', 0) : ': open\n\n')
      await until(link, how === 'bye' ? 'failed' : 'live')
      visit.cut()
    }
    const { error } = await until(link, 'failed')
    expect(error).toMatchObject({ code: 'interrupted', url: `${fixture.server.url}/events` })
    expect(error.message).toMatch(/^POST .* was interrupted \(.+\)\. .*Call retryNow\(\)/)
  })

  test('a silent response fails the link', async () => {
    const link = fixture.create({ ...POST, heartbeatMs: 1_000 })
    read(link)
    const visit = await fixture.server.visit()
    fixture.clock.advance(3_000)
    expect(link.status).toMatchObject({ state: 'failed', error: { code: 'interrupted' } })
    await visit.closed
  })

  test.each([408, 425, 429, 500, 503])('status %i fails the link', async (status) => {
    const link = fixture.create(POST)
    read(link)
    const { response } = await fixture.server.visit()
    response.writeHead(status, { 'retry-after': '1' }).end('busy')
    const { error } = await until(link, 'failed')
    expect(error).toMatchObject({ code: 'refused', status, bodyExcerpt: 'busy' })
    expect(error.message).toContain('Call retryNow()')
  })

  test('is not repeated when the page becomes visible or the network changes', async () => {
    const scope = new EventTarget()
    const document = Object.assign(new EventTarget(), { baseURI: fixture.server.url })
    vi.stubGlobal('addEventListener', scope.addEventListener.bind(scope))
    vi.stubGlobal('document', document)
    const link = fixture.create({ ...POST, heartbeatMs: 1_000 })
    const { next } = read(link)
    const visit = await fixture.server.visit()
    visit.open()
    await until(link, 'live')
    fixture.clock.sleep(1_900)
    document.dispatchEvent(new Event('visibilitychange'))
    scope.dispatchEvent(new Event('offline'))
    visit.write(message('e-1', 'still there'))
    expect(await next()).toMatchObject({ data: 'still there' })
    link.close()
  })
})
