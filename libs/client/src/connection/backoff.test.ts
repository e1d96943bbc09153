import { describe, expect, test } from 'vitest'
import { bye, hello, message, read, until, untilAttempt, useLinks } from '../../test/link.ts'

const fixture = useLinks()

describe('the wait before a reconnect', () => {
  test.each([
    ['retry: 5000\n', 5_000],
    ['retry: 60000\n', 60_000],
    ['retry: 99999999999\n', 3_600_000],
    ['retry: 0\n', 500],
    [`retry: ${'9'.repeat(400)}\n`, 3_600_000],
  ])('%j sets the shortest wait to %i ms', async (line, waitMs) => {
    const link = fixture.create()
    read(link)
    const visit = await fixture.server.visit()
    visit.open().write(`${line}: heard\n\n`)
    await until(link, 'live')
    const reconnecting = until(link, 'reconnecting')
    visit.end()
    const { retryAt, reason } = await reconnecting
    expect(reason.code).toBe('cut')
    expect(retryAt - fixture.clock.dateMs()).toBe(waitMs)
    expect(Math.max(...fixture.clock.pending())).toBeLessThan(2 ** 31)
  })

  test('retryNow() does not wait', async () => {
    const link = fixture.create()
    read(link)
    ;(await fixture.server.visit()).cut()
    await until(link, 'reconnecting')
    link.retryNow()
    const visit = await fixture.server.visit()
    expect(link.status.state).toBe('reconnecting')
    // A request that is under way is not repeated.
    link.retryNow()
    visit.open()
    await until(link, 'live')
    link.retryNow()
    expect(fixture.clock.pending()).toHaveLength(1)
    expect(fixture.server.visits).toHaveLength(2)
  })

  test('the time that the machine slept counts', async () => {
    const link = fixture.create()
    read(link)
    const visit = await fixture.server.visit()
    visit.open().write('retry: 60000\n\n')
    const reconnecting = until(link, 'reconnecting')
    visit.end()
    await reconnecting
    fixture.clock.sleep(60_000)
    fixture.clock.advance(5_000)
    await fixture.server.visit()
  })

  test('setting the wall clock back does not extend the wait', async () => {
    const link = fixture.create()
    read(link)
    ;(await fixture.server.visit()).cut()
    await until(link, 'reconnecting')
    fixture.clock.setDate(-3_600_000)
    fixture.clock.advance(1_000)
    await fixture.server.visit()
  })

  test('the wait grows while connections break immediately', async () => {
    fixture.clock.setRandom(0.999_999)
    const link = fixture.create()
    read(link)
    const waits: number[] = []
    for (let attempt = 1; attempt <= 4; attempt++) {
      const visit = await fixture.server.visit()
      visit.open().write(hello('fresh'))
      visit.end()
      const { retryAt } = await untilAttempt(link, attempt)
      waits.push(Math.round(retryAt - fixture.clock.dateMs()))
      fixture.clock.advance(retryAt - fixture.clock.dateMs())
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000])
  })
})

describe('a reconnection time that the server sets is limited', () => {
  test.each([
    ['bye', 'immediately', bye('draining', 0), 500],
    ['bye', 'a year', bye('draining', 31_536_000_000), 3_600_000],
    ['retry', 'immediately', 'retry: 0\n\n', 500],
    ['retry', 'a year', 'retry: 31536000000\n\n', 3_600_000],
  ])('%s for %s', async (_name, _when, wire, waitMs) => {
    const { clock, server, create } = fixture
    const link = create()
    const { next } = read(link)
    for (const id of ['e-1', 'e-2', 'e-3']) {
      const visit = await server.visit()
      // An event ends an outage: each of these is the first attempt of another outage.
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

  test('a number above the range of JSON counts as the limit', async () => {
    const { clock, server, create } = fixture
    const link = create()
    read(link)
    const wire = bye('draining', 1).replace(':1}', ':1e999}')
    ;(await server.visit()).open().write(wire)
    const { retryAt, reason } = await until(link, 'reconnecting')
    expect([reason.code, retryAt - clock.dateMs()]).toEqual(['bye', 3_600_000])
  })

  test('a connection that lasted may be replaced immediately', async () => {
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

test('attempts are counted from 1 again after a connection was live at half a heartbeat', async () => {
  const { clock, server, create } = fixture
  const link = create()
  read(link)
  for (const attempt of [1, 2]) {
    ;(await server.visit()).cut()
    const { retryAt } = await untilAttempt(link, attempt)
    clock.advance(retryAt - clock.dateMs())
  }
  const visit = await server.visit()
  visit.open()
  await until(link, 'live')
  clock.advance(7_500)
  visit.cut()
  expect(await until(link, 'reconnecting')).toMatchObject({ attempt: 1 })
})
