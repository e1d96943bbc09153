import { expect, test } from 'vitest'
import { read, untilAttempt, useLinks } from '../../test/link-fixture.ts'

const fixture = useLinks()

test.each([
  ['numbers from 1', ['1', '2', '3']],
  ['of the form of a hub', ['a-1', 'a-2', 'a-3']],
  ['that repeat within a connection', ['x', 'x', 'x']],
])(
  'on the plain format no event is dropped by its id: a server may use %s on every connection',
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
