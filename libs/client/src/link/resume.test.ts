import { describe, expect, test } from 'vitest'
import { message, read, until, untilAttempt, useLinks } from '../../test/link.ts'

const fixture = useLinks()

describe('a link that reconnects', () => {
  test('resumes with the last event ID and skips duplicates', async () => {
    const link = fixture.create()
    const { next, all } = read(link)
    const first = await fixture.server.visit()
    first.open().write(message('e-1', 'a') + message('e-2', 'b'))
    await next()
    const reconnecting = until(link, 'reconnecting')
    first.cut()
    expect(await reconnecting).toMatchObject({ attempt: 1, reason: { code: 'network' } })
    fixture.clock.advance(1_000)
    const second = await fixture.server.visit()
    expect(second.request.headers['last-event-id']).toBe('e-2')
    second.open().write(message('e-1', 'a') + message('e-2', 'b') + message('e-3', 'c'))
    await next()
    await next()
    expect(all.map(({ data }) => data)).toEqual(['a', 'b', 'c'])
  })

  test('compares ids only within one epoch', async () => {
    const link = fixture.create()
    const { next } = read(link)
    const visit = await fixture.server.visit()
    visit.open().write(message('old-9', 'a') + message('new-1', 'b') + message('new-1', 'b'))
    visit.write(message('new-2', 'c'))
    expect([await next(), await next(), await next()].map(({ id }) => id)).toEqual([
      'old-9',
      'new-1',
      'new-2',
    ])
  })

  test('omits an id from a URL for which it is too long', async () => {
    const link = fixture.create({ lastEventIdIn: 'query' })
    const { next } = read(link)
    ;(await fixture.server.visit()).open().end(message('é'.repeat(4_000), 'a'))
    await next()
    await untilAttempt(link, 1)
    fixture.clock.advance(1_000)
    const { url } = await fixture.server.visit()
    expect(url.searchParams.has('lastEventId')).toBe(false)
    expect(url.searchParams.get('topic')).toBe('news')
  })

  test('starts after the last event of an earlier link, with the id in the query', async () => {
    const link = fixture.create({ lastEventId: 'é-7', lastEventIdIn: 'query' })
    read(link)
    const { url, request } = await fixture.server.visit()
    expect(url.searchParams.get('lastEventId')).toBe('é-7')
    expect(request.headers).not.toHaveProperty('last-event-id')
    expect(link.lastEventId).toBe('é-7')
  })

  test('an id without data changes the last event ID', async () => {
    const link = fixture.create()
    read(link)
    const visit = await fixture.server.visit()
    visit.open().write('id: e-5\n\n')
    const reconnecting = until(link, 'reconnecting')
    visit.end()
    await reconnecting
    expect(link.lastEventId).toBe('e-5')
  })

  test('an incomplete event is not delivered, and its id is not sent', async () => {
    const link = fixture.create()
    const { all, next } = read(link)
    const visit = await fixture.server.visit()
    visit.open().write(`${message('e-1', 'a')}id: e-2\nevent: news/message\ndata: ha`)
    await next()
    const reconnecting = until(link, 'reconnecting')
    visit.cut()
    await reconnecting
    fixture.clock.advance(1_000)
    expect((await fixture.server.visit()).request.headers['last-event-id']).toBe('e-1')
    expect(all).toHaveLength(1)
  })
})
