import { afterEach, expect, test, vi } from 'vitest'
import { bye, message, read, until, useLinks } from '../../test/link-fixture.ts'

const fixture = useLinks()
const POST = { method: 'post', body: '{}' }

afterEach(() => {
  // Nothing waits that could send the request again, and the timers of a request that is over are gone.
  expect(fixture.clock.pending()).toEqual([])
  fixture.clock.advance(3_600_000)
  expect(fixture.server.visits).toHaveLength(1)
})

test('the response to a POST that ends makes the link end', async () => {
  const link = fixture.create(POST)
  const { next } = read(link)
  const visit = await fixture.server.visit()
  visit.open().end(message('e-1', 'a'))
  expect(await next()).toMatchObject({ data: 'a' })
  expect(await until(link, 'ended')).toEqual({ state: 'ended', reason: 'complete' })
})

test.each([
  ['is cut before the response', 'cut'],
  ['is cut in the response', 'open cut'],
  ['is told to come back', 'bye'],
])('a POST that %s fails the link, with what to do', async (_name, how) => {
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

test('a POST that is silent fails the link', async () => {
  const link = fixture.create({ ...POST, heartbeatMs: 1_000 })
  read(link)
  const visit = await fixture.server.visit()
  fixture.clock.advance(3_000)
  expect(link.status).toMatchObject({ state: 'failed', error: { code: 'interrupted' } })
  await visit.closed
})

test.each([408, 425, 429, 500, 503])(
  'a POST that is answered %i fails the link',
  async (status) => {
    const link = fixture.create(POST)
    read(link)
    const { response } = await fixture.server.visit()
    response.writeHead(status, { 'retry-after': '1' }).end('busy')
    const { error } = await until(link, 'failed')
    expect(error).toMatchObject({ code: 'refused', status, bodyExcerpt: 'busy' })
    expect(error.message).toContain('Call retryNow()')
  },
)

test('a POST is not repeated because the page is looked at again or the network changes', async () => {
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
