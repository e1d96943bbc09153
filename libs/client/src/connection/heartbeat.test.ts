import { encodeComment } from '@downlink/protocol/sse'
import { describe, expect, test, vi } from 'vitest'
import { hello, message, news, read, until, useLinks } from '../../test/link.ts'
import type { WireFrame } from './wire-frames.ts'

const HOURS_MS = 3 * 3_600_000
const fixture = useLinks()

describe('the heartbeat check', () => {
  test('detects a stale and a dead connection by the heartbeats that hello announces', async () => {
    const link = fixture.create()
    read(link)
    const visit = await fixture.server.visit()
    const told = new Promise<void>((resolve) =>
      link.subscribe(news, { onEvent: () => undefined, onResume: () => resolve() }),
    )
    visit.open().write(hello('fresh', 1_000))
    await told
    const heardAt = fixture.clock.dateMs()
    fixture.clock.advance(1_999)
    expect(link.status.state).toBe('live')
    fixture.clock.advance(1)
    expect(link.status).toEqual({ state: 'stale', since: heardAt })
    fixture.clock.advance(1_000)
    expect(link.status).toMatchObject({ state: 'reconnecting', reason: { code: 'silent' } })
    await visit.closed
  })

  test('accepts comments as heartbeats', async () => {
    const frames: WireFrame[] = []
    const link = fixture.create({ onFrame: (frame) => frames.push(frame) })
    read(link)
    const visit = await fixture.server.visit()
    visit.open().write(hello('fresh', 1_000))
    await vi.waitFor(() => expect(frames).toHaveLength(1))
    for (let beat = 2; beat <= 6; beat++) {
      fixture.clock.advance(2_400)
      visit.write(encodeComment('beat'))
      await vi.waitFor(() => expect(frames).toHaveLength(beat))
      expect(link.status.state).toBe('live')
    }
  })

  test('replaces a request without a response', async () => {
    const link = fixture.create({ heartbeatMs: 1_000 })
    read(link)
    const visit = await fixture.server.visit()
    fixture.clock.advance(3_000)
    expect(link.status).toMatchObject({ state: 'reconnecting', reason: { code: 'silent' } })
    await visit.closed
  })

  test('is disabled by a server that announces no heartbeats', async () => {
    const link = fixture.create()
    const told = new Promise<void>((resolve) =>
      link.subscribe(news, { onEvent: () => undefined, onResume: () => resolve() }),
    )
    ;(await fixture.server.visit()).open().write(hello('fresh', 0))
    await told
    expect(fixture.clock.pending()).toEqual([])
  })

  test('can be disabled', async () => {
    const link = fixture.create({ heartbeatMs: 0 })
    read(link)
    ;(await fixture.server.visit()).open()
    await until(link, 'live')
    expect(fixture.clock.pending()).toEqual([])
  })
})

test.each([
  ['hello', (ms: number) => hello('fresh', ms)],
  [
    'hello with a number above the range of JSON',
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

test('hello cannot announce a heartbeat below 100 ms', async () => {
  const { clock, server, create } = fixture
  const link = create()
  const { next } = read(link)
  ;(await server.visit()).open().write(hello('fresh', 1) + message('e-1', 'a'))
  await next()
  clock.advance(199)
  expect(link.status.state).toBe('live')
  clock.advance(1)
  expect(link.status.state).toBe('stale')
})

describe.each([
  ['forward', HOURS_MS],
  ['back', -HOURS_MS],
])('a wall clock that is set %s', (_name, byMs) => {
  test('does not make a live connection stale, and does not hide a silent one', async () => {
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

  test('neither shortens nor extends a wait', async () => {
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
