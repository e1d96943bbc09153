import { expect, test } from 'vitest'
import { read, ticks, untilAttempt, useLinks } from '../../test/link.ts'

const fixture = useLinks()

test('the plain format reads any event stream of one topic', async () => {
  const link = fixture.create({ format: 'plain' })
  const { next } = read(link)
  expect(() => link.subscribe(ticks, { onEvent: () => undefined })).toThrow(
    expect.objectContaining({ code: 'bad-option' }),
  )
  const visit = await fixture.server.visit()
  expect(visit.request.url).toBe('/events')
  visit.open().write('data: plain\n\nevent: flash\ndata: "x"\nid: 5\n\n')
  expect(await next()).toEqual({ event: 'message', data: 'plain', id: '' })
  expect(await next()).toEqual({ event: 'flash', data: 'x', id: '5' })
})

test('an event without an id has the last event ID, and is not a duplicate', async () => {
  const link = fixture.create({ format: 'plain' })
  const { next, all } = read(link)
  ;(await fixture.server.visit()).open().end('id: a-1\ndata: 1\n\ndata: 2\n\n')
  await untilAttempt(link, 1)
  fixture.clock.advance(1_000)
  ;(await fixture.server.visit()).open().end('data: 3\n\ndata: 4\n\nid:\ndata: 5\n\n')
  for (let i = 0; i < 5; i++) await next()
  expect(all.map(({ data, id }) => data + id)).toEqual(['1a-1', '2a-1', '3a-1', '4a-1', '5'])
  await untilAttempt(link, 1)
  fixture.clock.advance(1_000)
  expect((await fixture.server.visit()).request.headers).not.toHaveProperty('last-event-id')
})

test.each([
  ['numbers from 1', ['1', '2', '3']],
  ['in the form of a hub', ['a-1', 'a-2', 'a-3']],
  ['that repeat within a connection', ['x', 'x', 'x']],
])(
  'no event is skipped as a duplicate: a server may use ids %s on each connection',
  async (_name, ids) => {
    const link = fixture.create({ format: 'plain' })
    const { next, all } = read(link)
    for (const round of ['a', 'b', 'c']) {
      const visit = await fixture.server.visit()
      visit.open().end(ids.map((id) => `id: ${id}\ndata: ${round}\n\n`).join(''))
      for (const id of ids) expect(await next()).toMatchObject({ id, data: round })
      await untilAttempt(link, 1)
      fixture.clock.advance(1_000)
    }
    const { request } = await fixture.server.visit()
    expect(request.headers['last-event-id']).toBe(ids.at(-1))
    expect(all).toHaveLength(9)
  },
)
