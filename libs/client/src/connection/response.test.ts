import { describe, expect, test, vi } from 'vitest'
import { bye, message, news, read, ticks, until, untilAttempt, useLinks } from '../../test/link.ts'
import type { HeadersRequest } from './request.ts'

const fixture = useLinks()

function answer(body: BodyInit | null): Response {
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

/** A body that never ends, and a promise for its cancellation. */
function endless(): { body: ReadableStream<Uint8Array>; canceled: Promise<void> } {
  let cancel: (() => void) | undefined
  const canceled = new Promise<void>((resolve) => (cancel = resolve))
  return { body: new ReadableStream({ cancel: () => cancel?.() }), canceled }
}

describe('a body that cannot be read fails the link immediately', () => {
  test.each([
    [
      'that is missing, as in React Native',
      () => Object.defineProperty(answer('data: a\n\n'), 'body', { value: undefined }),
      /expo\/fetch/,
    ],
    ['that is null', () => answer(null), /expo\/fetch/],
    [
      'that is not a stream',
      () => Object.defineProperty(answer(''), 'body', { value: { pipe: () => undefined } }),
      /expo\/fetch/,
    ],
    [
      'that other code reads',
      () => {
        const response = answer(endless().body)
        response.body?.getReader()
        return response
      },
      /nothing else reads/,
    ],
    [
      'that was read before',
      async () => {
        const response = answer('data: a\n\n')
        const reader = response.body?.getReader()
        await reader?.read()
        reader?.releaseLock()
        return response
      },
      /nothing else reads/,
    ],
  ])('%s', async (_name, make, text) => {
    const asked = vi.fn(() => Promise.resolve<Response>(make()))
    const link = fixture.create({ fetch: asked })
    read(link)
    const { error } = await until(link, 'failed')
    expect(error).toMatchObject({ code: 'unreadable-body', status: 200 })
    expect(error.message).toMatch(text)
    expect(fixture.clock.pending()).toEqual([])
    expect(asked).toHaveBeenCalledOnce()
  })
})

describe('a fetch that the browser or a custom fetch aborts fails the link', () => {
  const stopped = new DOMException('The operation was aborted.', 'AbortError')
  test.each([
    ['before the response', () => Promise.reject(stopped)],
    [
      'in its body',
      () =>
        Promise.resolve(
          answer(new ReadableStream({ start: (controller) => controller.error(stopped) })),
        ),
    ],
  ])('%s', async (_name, fetch) => {
    const link = fixture.create({ fetch })
    read(link)
    const { error } = await until(link, 'failed')
    expect(error).toMatchObject({ code: 'aborted', cause: stopped })
    expect(error.message).toContain('Call retryNow()')
    expect(fixture.clock.pending()).toEqual([])
  })
})

describe('with a custom fetch that ignores its signal', () => {
  test('the response to a replaced request is canceled without being read', async () => {
    const late = endless()
    const answers: ((response: Response) => void)[] = []
    const link = fixture.create({ fetch: () => new Promise((resolve) => answers.push(resolve)) })
    const { next, all } = read(link)
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    link.subscribe(ticks, { onEvent: () => undefined })
    await vi.waitFor(() => expect(answers).toHaveLength(2))
    answers[0]?.(answer(late.body))
    await late.canceled
    answers[1]?.(answer(message('e-1', 'a')))
    await next()
    expect(all).toHaveLength(1)
    expect(link.status.state).not.toBe('failed')
  })

  test('closing the link cancels the body', async () => {
    const { body, canceled } = endless()
    const link = fixture.create({ fetch: () => Promise.resolve(answer(body)) })
    read(link)
    await until(link, 'live')
    link.close()
    await canceled
  })
})

describe('a response', () => {
  test.each([408, 425, 429, 500, 502, 503, 504])(
    'of status %i is followed by retries, with waits that grow up to the limit',
    async (status) => {
      fixture.clock.setRandom(0.999_999)
      const link = fixture.create()
      read(link)
      const waits: number[] = []
      for (let attempt = 1; attempt <= 7; attempt++) {
        const visit = await fixture.server.visit()
        visit.response.writeHead(status).end('busy')
        await visit.closed
        const { retryAt, ...rest } = await untilAttempt(link, attempt)
        expect(rest).toMatchObject({ attempt, reason: { code: 'status', status } })
        waits.push(Math.round(retryAt - fixture.clock.dateMs()))
        fixture.clock.advance(retryAt - fixture.clock.dateMs())
      }
      expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    },
  )

  test('of status 503 three times is followed by the stream', async () => {
    const link = fixture.create()
    const { next } = read(link)
    for (let attempt = 1; attempt <= 3; attempt++) {
      const visit = await fixture.server.visit()
      visit.response.writeHead(503).end()
      await untilAttempt(link, attempt)
      fixture.clock.advance(1_000)
    }
    const visit = await fixture.server.visit()
    visit.open().write(message('e-1', 'back'))
    expect(await next()).toMatchObject({ data: 'back' })
    expect(link.status).toMatchObject({ state: 'live' })
  })

  test.each([
    ['7', 7_000],
    [new Date(1_000_000 + 9_000).toUTCString(), 9_000],
    ['soon', 1_000],
    ['Thursday, 01-Jan-70 00:16:49 GMT', 9_000],
    ['Thu Jan  1 00:16:49 1970', 9_000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 3_600_000],
    ['0', 1_000],
    ['-5', 1_000],
    ['1e3', 1_000],
    ['0x10', 1_000],
    ['Infinity', 1_000],
    ['5, 7', 1_000],
    ['not before 2050', 1_000],
    ['9'.repeat(400), 3_600_000],
  ])('with Retry-After %j causes a wait of %i ms', async (header, waitMs) => {
    const link = fixture.create()
    read(link)
    const visit = await fixture.server.visit()
    visit.response.writeHead(503, { 'retry-after': header }).end()
    const { retryAt } = await until(link, 'reconnecting')
    expect(retryAt - fixture.clock.dateMs()).toBe(waitMs)
  })

  test.each([400, 404, 405, 410, 418, 451, 201, 205, 206])(
    'of status %i fails the link with status, type and the beginning of the body',
    async (status) => {
      const link = fixture.create()
      read(link)
      const visit = await fixture.server.visit()
      visit.response.writeHead(status, { 'content-type': 'application/problem+json' })
      visit.response.end(status === 205 ? '' : '{"title":"no"}')
      const { error } = await until(link, 'failed')
      expect(error).toMatchObject({
        code: 'refused',
        status,
        contentType: 'application/problem+json',
        bodyExcerpt: status === 205 ? '' : '{"title":"no"}',
      })
      expect(fixture.clock.pending()).toEqual([])
    },
  )

  test('of another type fails the link, and its body is canceled after the beginning', async () => {
    const link = fixture.create()
    read(link)
    const visit = await fixture.server.visit()
    visit.open({ 'content-type': 'text/html' }).write('é'.repeat(5_000))
    const { error } = await until(link, 'failed')
    expect(error).toMatchObject({ code: 'wrong-type', status: 200, contentType: 'text/html' })
    expect(error.bodyExcerpt).toBe('é'.repeat(1_024))
    await visit.closed
  })

  test('with an error fails the link even if its body stalls', async () => {
    const link = fixture.create()
    read(link)
    const visit = await fixture.server.visit()
    visit.open({ 'content-type': 'text/html' }).write('<h1>')
    await vi.waitFor(() => expect(fixture.clock.pending()).toContain(1_000))
    fixture.clock.advance(1_000)
    expect((await until(link, 'failed')).error.bodyExcerpt).toMatch(/^(<h1>)?$/)
    await visit.closed
  })

  test.each([401, 403] as const)(
    'of status %i requests fresh headers once, and fails the link if the server refuses those too',
    async (status) => {
      const asked: HeadersRequest[] = []
      const link = fixture.create({
        headers: (request) => {
          asked.push(request)
          return Promise.resolve({ authorization: `Bearer ${asked.length}` })
        },
      })
      const { next } = read(link)
      ;(await fixture.server.visit()).response.writeHead(status).end()
      const second = await fixture.server.visit()
      expect(second.request.headers.authorization).toBe('Bearer 2')
      second.open().write(message('e-1', 'in'))
      await next()
      second.cut()
      await until(link, 'reconnecting')
      fixture.clock.advance(1_000)
      ;(await fixture.server.visit()).response.writeHead(status).end()
      ;(await fixture.server.visit()).response.writeHead(status).end('expired')
      const { error } = await until(link, 'failed')
      expect(error).toMatchObject({ code: 'refused', status, bodyExcerpt: 'expired' })
      expect(asked.map(({ refusedStatus }) => refusedStatus)).toEqual([
        undefined,
        status,
        undefined,
        status,
      ])
      expect(fixture.server.visits).toHaveLength(4)
    },
  )

  test('of status 401 fails the link immediately if the headers are fixed', async () => {
    const link = fixture.create({ headers: { authorization: 'Bearer fixed' } })
    read(link)
    ;(await fixture.server.visit()).response.writeHead(401).end()
    expect((await until(link, 'failed')).error).toMatchObject({ status: 401 })
  })

  test('is not reached if the headers function throws, and the link retries', async () => {
    const link = fixture.create({ headers: () => Promise.reject(new Error('no token')) })
    read(link)
    expect((await until(link, 'reconnecting')).reason).toEqual({
      code: 'headers',
      message: 'no token',
    })
    expect(fixture.server.visits).toHaveLength(0)
  })

  test('of status 204 ends the link until retryNow()', async () => {
    const link = fixture.create()
    const { next } = read(link)
    ;(await fixture.server.visit()).response.writeHead(204).end()
    expect(await until(link, 'ended')).toEqual({ state: 'ended', reason: 'no-content' })
    expect(fixture.clock.pending()).toEqual([])
    link.retryNow()
    const visit = await fixture.server.visit()
    visit.open().write(message('e-1', 'more'))
    expect(await next()).toMatchObject({ data: 'more' })
  })

  test.each([204, 404])('of status %i is requested again by a new subscription', async (status) => {
    const link = fixture.create()
    link.subscribe(news, { onEvent: () => undefined })
    ;(await fixture.server.visit()).response.writeHead(status).end()
    await until(link, status === 204 ? 'ended' : 'failed')
    const loop = link.subscribe(news)[Symbol.asyncIterator]()
    const first = loop.next()
    ;(await fixture.server.visit()).open().write(message('e-1', 'now'))
    expect(await first).toMatchObject({ value: { data: 'now' } })
    await loop.return?.()
    expect(link.status.state).toBe('live')
    expect(fixture.server.visits).toHaveLength(2)
  })

  test('with a bye without a reconnection time ends the link, after the events before it', async () => {
    const link = fixture.create()
    const { next } = read(link)
    const visit = await fixture.server.visit()
    visit.open().write(message('e-1', 'last') + bye('closing down', null))
    expect(await until(link, 'ended')).toEqual({ state: 'ended', reason: 'closing down' })
    expect(await next()).toMatchObject({ data: 'last' })
    await visit.closed
    expect(fixture.clock.pending()).toEqual([])
  })

  test('with a bye is followed by a wait of exactly its time, unless the bye is the first event', async () => {
    const link = fixture.create()
    const { next } = read(link)
    const visit = await fixture.server.visit()
    visit.open().write(message('e-1', 'a'))
    await next()
    fixture.clock.sleep(5_000)
    visit.write(bye('restart', 250))
    expect(await until(link, 'reconnecting')).toEqual({
      state: 'reconnecting',
      attempt: 1,
      retryAt: fixture.clock.dateMs() + 250,
      reason: { code: 'bye', message: 'restart' },
    })
    fixture.clock.advance(250)
    const second = await fixture.server.visit()
    second.open().write(bye('full', 0))
    await second.closed
    const { retryAt } = await until(link, 'reconnecting')
    expect(retryAt - fixture.clock.dateMs()).toBe(1_000)
  })

  test('with an event over the limit fails the link', async () => {
    const link = fixture.create({ maxEventBytes: 100 })
    const { next } = read(link)
    const visit = await fixture.server.visit()
    visit.open().write(message('e-1', 'small') + message('e-2', 'x'.repeat(200)))
    expect(await next()).toMatchObject({ data: 'small' })
    expect((await until(link, 'failed')).error.code).toBe('event-too-large')
    await visit.closed
  })

  test('with an event of 1 MB in small chunks delivers it complete', async () => {
    const link = fixture.create()
    const { next } = read(link)
    const visit = await fixture.server.visit()
    const data = 'x'.repeat(1_000_000)
    visit.open().write(message('e-1', data))
    expect((await next()).data).toHaveLength(data.length)
  })
})
