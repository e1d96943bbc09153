import { IncomingMessage, ServerResponse } from 'node:http'
import { connect, Socket } from 'node:net'
import { stocks } from '@downlink/protocol/streams'
import { expect, test } from 'vitest'
import { startApi, type Api } from '../../../test/api.ts'
import { createApp } from '../../app.ts'

/** Sends raw text and resolves with the reply when the server closes the connection or the reply contains `enough`. */
function exchange({ port }: Api, text: string, enough?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let reply = ''
    socket.setEncoding('latin1')
    socket.on('data', (part: string) => {
      reply += part
      if (enough !== undefined && reply.includes(enough)) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(reply))
  })
}

/** pino's numbers for its levels. */
const DEBUG_LEVEL = 20
const ERROR_LEVEL = 50

const get = (target: string, ...headers: string[]) =>
  [`GET ${target} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n')

/** Opens a multiplexed stream with this id and returns the data of its hello. */
async function outcomeOf({ open }: Api, lastEventId: string): Promise<unknown> {
  const reader = await open('/events?topic=time', { 'Last-Event-ID': lastEventId })
  expect(reader.status).toBe(200)
  const [hello] = await reader.until(1)
  expect(hello?.event).toBe('downlink.hello')
  return JSON.parse(hello?.data ?? '')
}

test('a Last-Event-ID over the header limit gets 431, and other streams continue', async () => {
  const { send, open, clock } = await startApi()
  const reader = await open('/stream-time')
  await reader.until(1)
  const headers = { 'Last-Event-ID': 'x'.repeat(17 * 1024) }
  expect((await send('/stream-time', { headers })).status).toBe(431)
  await clock.advance(1_000)
  expect(await reader.until(2)).toHaveLength(2)
})

test.each([
  'x'.repeat(4096),
  '-1',
  '1e999',
  '../../etc/passwd',
  '\u00f0\u009f\u0098\u0080',
  'abc-',
  '0-0-0-abc',
  '<script>',
  '1, 2',
  '%00',
])('a malformed Last-Event-ID is a gap with the reason bad-id, and is not repeated', async (id) => {
  expect(await outcomeOf(await startApi(), id)).toEqual({
    heartbeatMs: 15_000,
    outcome: 'gap',
    reason: 'bad-id',
  })
})

test('an id of another epoch and a future id are gaps', async () => {
  const api = await startApi()
  const first = await api.open('/stream-time')
  const [event] = await first.until(1)
  const epoch = event?.id.split('-')[0] ?? ''
  expect(await outcomeOf(api, 'someotherepoch-1')).toMatchObject({ reason: 'unknown-epoch' })
  expect(await outcomeOf(api, `${epoch}-1000000`)).toMatchObject({ reason: 'future' })
  expect(await outcomeOf(api, `${epoch}-1`)).toMatchObject({ outcome: 'resumed' })
})

test('an id older than the log is a gap, and no history is replayed', async () => {
  const api = await startApi({ MAX_TRAINING_RUNS: '1', MAX_KEPT_TRAINING_RUNS: '0' })
  const { hub } = api.server.services
  const oldest = await hub.publish(stocks, 'AAPL', { symbol: 'AAPL', price: 1, change: 0 })
  for (let i = 0; i < 22_000; i++)
    await hub.publish(stocks, 'MSFT', { symbol: 'MSFT', price: i, change: 1 })
  const reader = await api.open('/events?topic=stocks', { 'Last-Event-ID': oldest })
  const [hello, ...prices] = await reader.until(3)
  expect(JSON.parse(hello?.data ?? '')).toMatchObject({ outcome: 'gap', reason: 'trimmed' })
  // A new subscriber gets the latest price of each symbol, and no events in between.
  expect(prices.map(({ event }) => event)).toEqual(['stocks/AAPL', 'stocks/MSFT'])
})

test('two Last-Event-ID headers are malformed, and an empty one counts as missing', async () => {
  const api = await startApi()
  const reply = await exchange(
    api,
    get('/events?topic=time', 'Last-Event-ID: a-1', 'Last-Event-ID: a-2'),
    'bad-id',
  )
  expect(reply).toContain('"outcome":"gap","reason":"bad-id"')
  expect(await outcomeOf(api, '')).toMatchObject({ outcome: 'fresh' })
})

test.each([
  ['a NUL in a header', get('/stream-time', 'Last-Event-ID: a\0b')],
  ['a bare CR in a header', get('/stream-time', 'Last-Event-ID: a\rb')],
  ['two lengths', get('/training-runs', 'Content-Length: 1', 'Content-Length: 2')],
  ['a length and chunks', get('/x', 'Content-Length: 1', 'Transfer-Encoding: chunked')],
  ['a folded header', get('/stream-time', 'X-One: a', ' b')],
  ['no Host', 'GET /stream-time HTTP/1.1\r\n\r\n'],
  ['two Hosts', get('/time', 'Host: evil.test')],
])('a request with %s gets 400', async (_, text) => {
  expect(await exchange(await startApi(), text, '\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
})

test.each([
  ['an absolute URL of another host', get('http://evil.test/livez'), '421'],
  ['an absolute URL of an unknown path', get('http://localhost/nothing'), '404'],
  ['a path that looks like a host', get('//evil.test/stream-time'), '404'],
])('%s is not followed', async (_, text, status) => {
  const reply = await exchange(await startApi(), text, '\r\n\r\n')
  expect(reply).toContain(`HTTP/1.1 ${status} `)
  expect(reply).not.toContain('Location')
})

test.each([
  ['Accept: text/html', get('/stream-time', 'Accept: text/html')],
  ['Accept-Encoding: gzip', get('/stream-time', 'Accept-Encoding: gzip, br')],
  ['If-None-Match', get('/stream-time', 'If-None-Match: *')],
  ['Range', get('/stream-time', 'Range: bytes=0-10')],
  ['Upgrade: websocket', get('/stream-time', 'Connection: Upgrade', 'Upgrade: websocket')],
  ['Upgrade: h2c', get('/stream-time', 'Connection: Upgrade', 'Upgrade: h2c')],
])('%s does not change a stream', async (_, text) => {
  const reply = await exchange(await startApi(), text, 'The time is')
  expect(reply).toMatch(/^HTTP\/1\.1 200 /)
  expect(reply).toContain('Content-Type: text/event-stream')
  expect(reply).not.toContain('Content-Encoding')
})

test('101 headers get 431, and of 100 headers the last one is read', async () => {
  const api = await startApi()
  const post = (count: number, last: string) =>
    // Host is the first header.
    ['POST /training-runs HTTP/1.1', 'Host: localhost', ...numbered(count - 2), last, '', ''].join(
      '\r\n',
    )
  const evil = 'Origin: https://evil.test'
  expect(await exchange(api, post(100, evil), '\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 /)
  for (const count of [101, 300, 1_500])
    expect(await exchange(api, post(count, evil))).toMatch(/^HTTP\/1\.1 431 /)
  expect(api.runs.list()).toEqual([])
})

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: 1`)

test.each([
  'http://[/',
  'foo://[',
  'ws://[::1',
  'http://xn--/',
  'http://localhost:99999/livez',
  'foo://localhost/livez',
  'file:///etc/passwd',
  'http:livez',
  'livez',
  '?livez',
  '*',
])('the request target %s gets 400, closes the connection and is not logged', async (target) => {
  const api = await startApi()
  const reply = await exchange(api, get(target))
  expect(reply).toMatch(/^HTTP\/1\.1 400 /)
  expect((await api.send('/livez')).status).toBe(200)
  expect(api.logged).toEqual([])
})

test.each([
  [get('http://localhost/livez'), '200'],
  [get('HTTP://LOCALHOST/livez'), '200'],
  [get('//[/livez'), '404'],
  [get('/\\\\[::1/livez'), '404'],
  [get('http://evil.test/livez'), '421'],
  ['OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n', '404'],
])('the valid request %j gets %s', async (text, status) => {
  const api = await startApi({}, { webFolder: '/nonexistent' })
  expect(await exchange(api, text, '\r\n\r\n')).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(api.logged).toEqual([])
})

test('CONNECT closes its connection only', async () => {
  const api = await startApi()
  await exchange(api, 'CONNECT [ HTTP/1.1\r\nHost: localhost\r\n\r\n')
  expect((await api.send('/livez')).status).toBe(200)
})

test.each([
  ['sends invalid HTTP', (socket: Socket) => void socket.write('\0\0\r\n\r\n')],
  ['resets the connection', (socket: Socket) => void socket.resetAndDestroy()],
])('a client that %s during a stream is logged at level debug', async (_, abort) => {
  const api = await startApi()
  const socket = connect(api.port, '127.0.0.1', () => socket.write(get('/stream-time')))
  socket.on('error', () => undefined)
  socket.once('data', () => abort(socket))
  await expect
    .poll(() => api.logged.map(({ level, msg }) => [level, msg]))
    .toContainEqual([DEBUG_LEVEL, 'request failed'])
  await api.quiet()
  expect(api.logged.filter(({ level }) => Number(level) >= ERROR_LEVEL)).toEqual([])
})

test('error reporting does not throw for a malformed request target', async () => {
  const api = await startApi()
  // Koa reports errors of the socket to the application, also for requests that have not been checked yet.
  const app = createApp(api.server.services, new Map())
  const req = new IncomingMessage(new Socket())
  req.url = 'http://[/'
  const ctx = app.createContext(req, new ServerResponse(req))
  app.emit('error', new Error('a fault'), ctx)
  expect(api.logged).toMatchObject([{ level: ERROR_LEVEL, path: 'http://[/' }])
})

test('closes late and silent requests after the timeout, and no open stream', async () => {
  const api = await startApi({ HEADERS_TIMEOUT_MS: '200' })
  const reader = await api.open('/stream-time')
  await reader.until(1)
  const startedAtMs = performance.now()
  const slow = exchange(api, 'GET /stream-time HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
  const silent = exchange(api, '')
  const bodiless = exchange(
    api,
    'POST /training-runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n',
  )
  expect(await slow).toMatch(/^HTTP\/1\.1 408 /)
  expect(await silent).toMatch(/^HTTP\/1\.1 408 /)
  expect(await bodiless).toContain('HTTP/1.1 408 ')
  // A client that is too slow is not an error of the server.
  expect(api.logged.filter(({ level }) => Number(level) >= ERROR_LEVEL)).toEqual([])
  // The timeout, plus Node's check for late requests every two seconds.
  expect(performance.now() - startedAtMs).toBeLessThan(5_000)
  await api.clock.advance(1_000)
  expect(await reader.until(2)).toHaveLength(2)
})

test('a long query gets 400 with a short message', async () => {
  const { send } = await startApi()
  const answer = await send(`/events?topic=${'x'.repeat(15_000)}`)
  expect(answer.status).toBe(400)
  expect(answer.body.length).toBeLessThan(300)
})

test.each(['/stream-training', '/stream-time', '/events?topic=time'])(
  'admits one of 50 pipelined requests for %s, and ends the connection',
  async (path) => {
    const api = await startApi()
    await exchange(api, get(path, 'Accept: text/event-stream').repeat(50))
    await expect.poll(() => api.logged.length).toBe(1)
    const { admission } = api.server.services
    expect(api.runs.list().length).toBe(path === '/stream-training' ? 1 : 0)
    expect(admission).toMatchObject({ open: 0, draining: false })
    expect(new Set(Object.values(admission.refused))).toEqual(new Set([0]))
    expect(api.logged.map(({ msg, reason }) => [msg, reason])).toEqual([
      ['stream closed', 'client'],
    ])
  },
)

test('a request on the connection of an open stream ends it and starts no run', async () => {
  const api = await startApi()
  const start = 'POST /training-runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n'
  await exchange(api, get('/stream-time') + start.repeat(50))
  expect(api.runs.list()).toEqual([])
})
