import type { LinkStatus } from '@downlink/client'
import { describe, expect, test } from 'vitest'
import { BLIP_MS, panelState, staleAfter, type Connection, type Subject } from './panel-state.ts'

const NOW = 1_000_000
const live: LinkStatus = { state: 'live', since: NOW - 60_000 }
const failed: LinkStatus = { state: 'failed', error: new Error('Refused.') as never }
const retrying: LinkStatus = {
  state: 'reconnecting',
  attempt: 2,
  retryAt: NOW + 4000,
  reason: { code: 'network', message: 'The connection broke.' },
}

function connection(status: LinkStatus, lostAt: number | null = null): Connection {
  return { status, lostAt, attempt: 2, retryAt: NOW + 4000, waitMs: 8000, openedAt: NOW - 60_000 }
}

const subject: Subject = { now: NOW, lastAt: NOW - 400, staleAfterMs: 5000, pause: null }
const paused: Subject = { ...subject, pause: { at: NOW - 9000, unseen: 14 } }
const quiet: Subject = { ...subject, lastAt: NOW - 6000 }

describe('precedence: of two things that are true, the first is said', () => {
  test.each([
    ['error before paused', connection(failed, NOW - 9000), paused, 'error'],
    [
      'offline before reconnecting',
      connection({ state: 'offline', since: NOW }, NOW - 9000),
      subject,
      'offline',
    ],
    ['reconnecting before paused', connection(retrying, NOW - 9000), paused, 'reconnecting'],
    ['ended before paused', connection({ state: 'ended', reason: 'over' }), paused, 'ended'],
    ['paused before stale', connection(live), { ...paused, lastAt: NOW - 6000 }, 'paused'],
    ['stale before live', connection(live), quiet, 'stale'],
    ['live', connection(live), subject, 'live'],
  ])('%s', (_, link, what, kind) => {
    expect(panelState(link, what).kind).toBe(kind)
  })
})

test('an outage counts from the third second on', () => {
  expect(panelState(connection(retrying, NOW - BLIP_MS + 1), subject).kind).toBe('live')
  expect(panelState(connection(retrying, NOW - BLIP_MS), subject)).toEqual({
    kind: 'reconnecting',
    attempt: 2,
    retryAt: NOW + 4000,
    waitMs: 8000,
  })
})

test('before its first value a panel is connecting, however the connection fares', () => {
  const first = { ...subject, lastAt: null }
  expect(panelState(connection({ state: 'idle' }), first).kind).toBe('connecting')
  const fresh = connection({ state: 'live', since: NOW - 100 })
  expect(panelState(fresh, first).kind).toBe('connecting')
})

test('a topic that never spoke on a live connection is stale in the end', () => {
  expect(panelState(connection(live), { ...subject, lastAt: null })).toMatchObject({
    kind: 'stale',
    lastAt: null,
  })
})

test('a silent connection makes every panel stale', () => {
  expect(panelState(connection({ state: 'stale', since: NOW - 30_000 }), subject).kind).toBe(
    'stale',
  )
})

test('a connection that is tried again after its end is being made, and not quiet', () => {
  const again = connection({ state: 'connecting', since: NOW - 2000 })
  expect(panelState(again, quiet).kind).toBe('connecting')
})

test('a refusal names its status', () => {
  const error = Object.assign(new Error('Refused.'), {
    status: 404,
    contentType: 'application/problem+json',
  }) as never
  expect(panelState(connection({ state: 'failed', error }), subject)).toEqual({
    kind: 'error',
    message: 'The server refused the stream (404).',
    next: 'It will not retry by itself. The API may be older or newer than this page.',
    details: '404\napplication/problem+json',
  })
})

test('an answer that is no stream is not called a refusal', () => {
  const facts = { code: 'wrong-type', status: 200, contentType: 'text/html' }
  const error = Object.assign(new Error('Not a stream.'), facts) as never
  expect(panelState(connection({ state: 'failed', error }), subject)).toMatchObject({
    kind: 'error',
    message: 'The answer is no event stream (text/html).',
  })
})

test('three expected intervals, but never less than five seconds, make a topic stale', () => {
  expect(staleAfter(1000)).toBe(5000)
  expect(staleAfter(4000)).toBe(12_000)
})
