import { describe, expect, test } from 'vitest'
import { hello, message, read, until, untilAttempt, useLinks } from '../../test/link-fixture.ts'

const fixture = useLinks()
const HOURS_MS = 3 * 3_600_000

describe.each([
  ['forward', HOURS_MS],
  ['back', -HOURS_MS],
])('a wall clock that is set %s', (_name, byMs) => {
  test('does not make a live connection stale, nor hide a silent one', async () => {
    const { clock, server, create } = fixture
    const link = create({ heartbeatMs: 1_000 })
    const { next } = read(link)
    ;(await server.visit()).open().write(message('e-1', 'a'))
    await next()
    clock.setDate(byMs)
    clock.advance(1_999)
    expect(link.status.state).toBe('live')
    clock.advance(1)
    expect(link.status).toEqual({ state: 'stale', since: clock.dateMs() - 2_000 })
    clock.advance(1_000)
    expect(link.status).toMatchObject({ state: 'reconnecting', reason: { code: 'silent' } })
  })

  test('neither shortens nor stretches a wait', async () => {
    const { clock, server, create } = fixture
    const link = create()
    read(link)
    ;(await server.visit()).open().end('retry: 20000\n\n')
    await until(link, 'reconnecting')
    clock.setDate(byMs)
    clock.advance(19_999)
    expect(clock.pending()).not.toEqual([])
    expect(server.visits).toHaveLength(1)
    expect(link.status.state).toBe('reconnecting')
    clock.advance(1)
    await server.visit()
  })

  test('does not change whether a connection was short-lived', async () => {
    const { clock, server, create } = fixture
    const link = create({ retryMs: 0 })
    const { next } = read(link)
    const visit = await server.visit()
    visit.open().write(message('e-1', 'a'))
    await next()
    clock.setDate(byMs)
    visit.end()
    const { retryAt } = await until(link, 'reconnecting')
    expect(retryAt - clock.dateMs()).toBe(500)
  })
})

test('attempts are counted anew once a connection was live at half a heartbeat', async () => {
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

test.each([
  ['hello', (ms: number) => hello('fresh', ms)],
  [
    'hello with a number that JSON cannot hold',
    (ms: number) => hello('fresh').replace('15000', `${ms}e999`),
  ],
])('%s cannot announce a heartbeat above five minutes', async (_name, announce) => {
  const { clock, server, create } = fixture
  const link = create()
  const { next } = read(link)
  ;(await server.visit()).open().write(announce(86_400_000) + message('e-1', 'a'))
  await next()
  clock.advance(599_999)
  expect(link.status.state).toBe('live')
  clock.advance(1)
  expect(link.status.state).toBe('stale')
  clock.advance(300_000)
  expect(link.status).toMatchObject({ state: 'reconnecting', reason: { code: 'silent' } })
})
