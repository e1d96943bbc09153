import { describe, expect, test } from 'vitest'
import { message, news, read, stubPage, until, useLinks } from '../../test/link.ts'

const fixture = useLinks()

describe('a page', () => {
  test('that becomes visible replaces a silent connection immediately, and keeps a live one', async () => {
    const page = stubPage(fixture.server.url)
    const link = fixture.create({ heartbeatMs: 10_000 })
    const { next } = read(link)
    const first = await fixture.server.visit()
    first.open().write(message('e-1', 'a'))
    await next()
    page.document.dispatchEvent(new Event('visibilitychange'))
    expect(link.status.state).toBe('live')
    fixture.clock.sleep(15_000)
    page.document.dispatchEvent(new Event('visibilitychange'))
    expect(link.status.state).toBe('live')
    fixture.clock.sleep(1)
    page.document.dispatchEvent(new Event('visibilitychange'))
    expect(link.status).toMatchObject({ state: 'reconnecting', reason: { code: 'silent' } })
    const second = await fixture.server.visit()
    expect(second.request.headers['last-event-id']).toBe('e-1')
  })

  test('that becomes hidden keeps a silent connection', async () => {
    const page = stubPage(fixture.server.url)
    const link = fixture.create({ heartbeatMs: 10_000 })
    read(link)
    ;(await fixture.server.visit()).open()
    await until(link, 'live')
    fixture.clock.sleep(16_000)
    page.document.hidden = true
    page.document.dispatchEvent(new Event('visibilitychange'))
    expect(link.status.state).toBe('live')
  })

  test('that becomes visible keeps a silent connection without heartbeats', async () => {
    const page = stubPage(fixture.server.url)
    const link = fixture.create({ heartbeatMs: 0 })
    read(link)
    ;(await fixture.server.visit()).open()
    await until(link, 'live')
    fixture.clock.sleep(60_000)
    page.document.dispatchEvent(new Event('visibilitychange'))
    expect(link.status.state).toBe('live')
  })

  test('that goes offline has the status offline, and reconnects when it is online again', async () => {
    const page = stubPage(fixture.server.url)
    const link = fixture.create({
      fetch: (...args) =>
        page.navigator.onLine ? fetch(...args) : Promise.reject(new TypeError('offline')),
    })
    const { next } = read(link)
    const first = await fixture.server.visit()
    first.open().write(message('e-1', 'a'))
    await next()
    page.navigator.onLine = false
    page.scope.dispatchEvent(new Event('offline'))
    expect(link.status).toEqual({ state: 'offline', since: fixture.clock.dateMs() })
    await first.closed
    page.navigator.onLine = true
    page.scope.dispatchEvent(new Event('online'))
    const second = await fixture.server.visit()
    second.open()
    await until(link, 'live')
    expect(second.request.headers['last-event-id']).toBe('e-1')
  })

  test('that is offline stays live with a server on the same machine', async () => {
    const page = stubPage(fixture.server.url)
    const link = fixture.create()
    read(link)
    ;(await fixture.server.visit()).open()
    await until(link, 'live')
    page.navigator.onLine = false
    page.scope.dispatchEvent(new Event('offline'))
    ;(await fixture.server.visit()).open()
    await until(link, 'live')
    page.document.dispatchEvent(new Event('visibilitychange'))
    link.retryNow()
    expect(link.status.state).toBe('live')
  })

  test('is ignored after the last subscription ended', async () => {
    const page = stubPage(fixture.server.url)
    const link = fixture.create()
    const leave = link.subscribe(news, { onEvent: () => undefined })
    await fixture.server.visit()
    leave()
    await until(link, 'idle')
    page.scope.dispatchEvent(new Event('offline'))
    expect(link.status).toEqual({ state: 'idle' })
  })
})
