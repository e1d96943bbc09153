import { expect, test } from 'vitest'
import { startApi } from '../../../test/api.ts'

const allowOrigin = 'access-control-allow-origin'

test.each(['http://localhost:8080', 'http://localhost:5173'])(
  'a page of %s may read every stream by default',
  async (origin) => {
    const { open } = await startApi()
    for (const path of ['/stream-time', '/system-stats', '/stream-training', '/stream-stocks']) {
      const { headers } = await open(path, { Origin: origin })
      expect(headers[allowOrigin]).toBe(origin)
      expect(headers.vary).toContain('Origin')
    }
  },
)

test.each([
  'null',
  'https://evil.test',
  'http://localhost:80800',
  'http://localhost:8080.evil.test',
  'https://localhost:8080',
  'http://evil.test?http://localhost:8080',
])('a page of %s may not read', async (origin) => {
  const { send } = await startApi()
  const { headers, status } = await send('/time', { headers: { Origin: origin } })
  expect(status).toBe(200)
  expect(headers[allowOrigin]).toBeUndefined()
  expect(headers.vary).toContain('Origin')
})

test('CORS_ORIGINS replaces the default list', async () => {
  const { send } = await startApi({ CORS_ORIGINS: 'https://app.example' })
  const allowed = async (origin: string) =>
    (await send('/time', { headers: { Origin: origin } })).headers[allowOrigin]
  expect(await allowed('https://app.example')).toBe('https://app.example')
  expect(await allowed('http://localhost:8080')).toBeUndefined()
})

test('errors have CORS headers too, so that a page can read them', async () => {
  const { send } = await startApi()
  const { status, headers } = await send('/events', {
    headers: { Origin: 'http://localhost:8080' },
  })
  expect(status).toBe(400)
  expect(headers[allowOrigin]).toBe('http://localhost:8080')
})

test('allows a preflight for GET from a listed origin, and no other', async () => {
  const { send } = await startApi()
  const preflight = (origin: string, method: string) =>
    send('/events', {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': 'last-event-id',
      },
    })
  const answer = await preflight('http://localhost:8080', 'GET')
  expect(answer.status).toBe(204)
  expect(answer.headers['access-control-allow-methods']).toBe('GET,HEAD')
  expect(answer.headers['access-control-allow-headers']).toContain('Last-Event-ID')
  for (const [origin, method] of [
    ['http://evil.test', 'GET'],
    ['http://localhost:8080', 'DELETE'],
  ] as const) {
    expect((await preflight(origin, method)).headers[allowOrigin]).toBeUndefined()
  }
})

test('pages of this server and listed origins can start a training run, and pages of other sites cannot', async () => {
  const { send, url, runs } = await startApi()
  const post = async (origin: string) =>
    (
      await send('/training-runs', {
        method: 'POST',
        headers: { Origin: origin, 'Content-Type': 'text/plain' },
      })
    ).status
  expect(await post('https://evil.test')).toBe(403)
  expect(await post('null')).toBe(403)
  expect(runs.list()).toEqual([])
  expect(await post(url)).toBe(201)
  expect(await post('http://localhost:5173')).toBe(201)
})

const WORK = [
  ['POST', '/training-runs'],
  ['GET', '/stream-training'],
  ['GET', '/Stream-Training/'],
  ['DELETE', '/training-runs/1'],
  ['POST', '/demo-faults/flood'],
] as const
const LISTED = 'http://localhost:8080'

test.each([
  ['an origin that is not listed', { Origin: 'https://evil.test' }],
  ['an opaque origin', { Origin: 'null' }],
  ['an origin that is not listed, of the same site', foreign('same-site', 'http://localhost:1')],
  ['another site, without an Origin (no-cors)', foreign('cross-site')],
  ['the same site, without an Origin (no-cors)', foreign('same-site')],
])('refuses requests that start work with 403 for %s', async (_, headers) => {
  const { send, server, clock, runs } = await startApi({ DEMO_FAULTS: '1' })
  for (const [method, path] of WORK) {
    const answer = await send(path, { method, headers })
    expect(answer.status).toBe(403)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.body).toContain('CORS_ORIGINS')
  }
  expect(runs.list()).toEqual([])
  expect(server.services.hub.counters().events).toBe(0)
  expect(clock.pendingTimers).toBe(0)
})

test.each([
  ['neither header (curl, servers)', () => ({})],
  ['our own page', (url: string) => foreign('same-origin', url)],
  ['our own page that sends no Origin', () => foreign('same-origin')],
  ['an address typed by its user', () => foreign('none')],
  ['a listed origin of the same site', () => foreign('same-site', LISTED)],
  ['a listed origin of another site', () => foreign('cross-site', LISTED)],
])('accepts requests that start work from %s', async (_, headersFor) => {
  const { send, open, url, runs } = await startApi()
  const headers = headersFor(url)
  expect((await send('/training-runs', { method: 'POST', headers })).status).toBe(201)
  const reader = await open('/stream-training', headers)
  expect(reader.status).toBe(200)
  await expect.poll(() => runs.running).toBe(2)
})

test('an EventSource of another site fails for good on streams that start work, and reads the others', async () => {
  const { open } = await startApi()
  const headers = { ...foreign('cross-site', 'https://evil.test'), Accept: 'text/event-stream' }
  const refused = await open('/stream-training', headers)
  await refused.ended
  expect([refused.status, refused.retries]).toEqual([403, []])
  expect((await open('/stream-time', headers)).status).toBe(200)
})

/** Headers that a browser sends with a request from another page. */
function foreign(site: string, origin?: string): Record<string, string> {
  return { 'Sec-Fetch-Site': site, ...(origin !== undefined && { Origin: origin }) }
}

test.each(['evil.test', 'evil.test:8000', 'localhost.evil.test', '127.0.0.1.nip.io', '[::2]'])(
  'a request for host %s gets 421',
  async (host) => {
    const { send } = await startApi()
    for (const path of ['/', '/stream-time', '/training-runs', '/nothing', '/livez/']) {
      const answer = await send(path, { headers: { Host: host } })
      expect(answer.status).toBe(421)
      expect(answer.body).not.toContain('evil')
    }
  },
)

test.each(['10.0.0.7:8000', 'evil.test', '[fd00::7]'])(
  'probes respond for host %s',
  async (host) => {
    const { send } = await startApi()
    for (const path of ['/livez', '/readyz', '/metrics', '/livez?verbose'])
      expect((await send(path, { headers: { Host: host } })).status).toBe(200)
  },
)

test('*.example.org in ALLOWED_HOSTS allows every subdomain and nothing else', async () => {
  const { send } = await startApi({ ALLOWED_HOSTS: '*.Example.org' })
  const statusFor = async (host: string) =>
    (await send('/time', { headers: { Host: host } })).status
  for (const host of ['a.example.org', 'a.b.example.org:8443', 'A.EXAMPLE.ORG'])
    expect(await statusFor(host)).toBe(200)
  for (const host of ['example.org', '.example.org', 'evilexample.org', 'a.example.org.evil.test'])
    expect(await statusFor(host)).toBe(421)
})

test.each(['localhost', 'LOCALHOST:1', '127.0.0.1:8000', '[::1]:8000'])(
  'a request for host %s is accepted',
  async (host) => {
    const { send } = await startApi()
    expect((await send('/time', { headers: { Host: host } })).status).toBe(200)
  },
)

test('every response has the security headers', async () => {
  const { send } = await startApi()
  for (const path of ['/', '/livez', '/nothing']) {
    const { headers } = await send(path)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringMatching(/^default-src 'self';/) as string,
    })
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(headers['x-powered-by']).toBeUndefined()
  }
})

test('X-Forwarded-For is read only behind a trusted proxy, and then its last address', async () => {
  const forwarded = { 'X-Forwarded-For': '203.0.113.9, 198.51.100.7' }
  for (const [TRUST_PROXY, address] of [
    ['0', '127.0.0.1'],
    ['1', '198.51.100.7'],
  ] as const) {
    const { open, logged, quiet } = await startApi({ TRUST_PROXY })
    const reader = await open('/stream-time', forwarded)
    await reader.until(1)
    reader.close()
    await quiet()
    await expect.poll(() => logged[0]?.['address']).toBe(address)
  }
})
