import { describe, expect, test } from 'vitest'
import { bye, message, read, until, untilAttempt, useLinks } from '../../test/link-fixture.ts'

const fixture = useLinks()

describe('what a server asks for is limited', () => {
  test.each([
    ['bye', 'the next moment', bye('draining', 0), 500],
    ['bye', 'a year', bye('draining', 31_536_000_000), 3_600_000],
    ['retry', 'the next moment', 'retry: 0\n\n', 500],
    ['retry', 'a year', 'retry: 31536000000\n\n', 3_600_000],
  ])('%s for %s', async (_name, _when, wire, waitMs) => {
    const { clock, server, create } = fixture
    const link = create()
    const { next } = read(link)
    for (const id of ['e-1', 'e-2', 'e-3']) {
      const visit = await server.visit()
      // An event that arrives ends an outage: each of these is the first attempt of another.
      visit.open().write(message(id, 'a'))
      await next()
      visit.end(wire)
      const { retryAt } = await untilAttempt(link, 1)
      expect(retryAt - clock.dateMs()).toBe(waitMs)
      clock.advance(waitMs - 1)
      expect(link.status.state).toBe('reconnecting')
      clock.advance(1)
    }
    await server.visit()
  })

  test('a number that JSON cannot hold counts as the limit', async () => {
    const { clock, server, create } = fixture
    const link = create()
    read(link)
    const wire = bye('draining', 1).replace(':1}', ':1e999}')
    ;(await server.visit()).open().write(wire)
    const { retryAt, reason } = await until(link, 'reconnecting')
    expect([reason.code, retryAt - clock.dateMs()]).toEqual(['bye', 3_600_000])
  })

  test('a connection that lasted may be replaced at once', async () => {
    const { clock, server, create } = fixture
    const link = create()
    const { next } = read(link)
    const visit = await server.visit()
    visit.open().write(message('e-1', 'a'))
    await next()
    clock.advance(5_000)
    visit.write(bye('lifetime', 0))
    const { retryAt } = await until(link, 'reconnecting')
    expect(retryAt - clock.dateMs()).toBe(0)
  })
})
