import type { LinkStatus } from '@downlink/client'
import { describe, expect, test } from 'vitest'
import {
  MIN_OUTAGE_MS,
  panelState,
  staleAfter,
  type Connection,
  type PanelFacts,
} from './panel-state.ts'

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

const facts: PanelFacts = { now: NOW, lastAt: NOW - 400, staleAfterMs: 5000, pause: null }
const paused: PanelFacts = { ...facts, pause: { at: NOW - 9000, unseen: 14 } }
const quiet: PanelFacts = { ...facts, lastAt: NOW - 6000 }

describe('if two states apply, the panel shows', () => {
  test.each([
    ['error, not paused', connection(failed, NOW - 9000), paused, 'error'],
    [
      'offline, not reconnecting',
      connection({ state: 'offline', since: NOW }, NOW - 9000),
      facts,
      'offline',
    ],
    ['reconnecting, not paused', connection(retrying, NOW - 9000), paused, 'reconnecting'],
    ['ended, not paused', connection({ state: 'ended', reason: 'over' }), paused, 'ended'],
    ['paused, not stale', connection(live), { ...paused, lastAt: NOW - 6000 }, 'paused'],
    ['stale, not live', connection(live), quiet, 'stale'],
    ['live, if nothing else applies', connection(live), facts, 'live'],
  ])('%s', (_, link, what, kind) => {
    expect(panelState(link, what).kind).toBe(kind)
  })
})

test('shows an outage after three seconds', () => {
  expect(panelState(connection(retrying, NOW - MIN_OUTAGE_MS + 1), facts).kind).toBe('live')
  expect(panelState(connection(retrying, NOW - MIN_OUTAGE_MS), facts)).toEqual({
    kind: 'reconnecting',
    attempt: 2,
    retryAt: NOW + 4000,
    waitMs: 8000,
  })
})

test('is connecting before the first value, in any state of the connection', () => {
  const first = { ...facts, lastAt: null }
  expect(panelState(connection({ state: 'idle' }), first).kind).toBe('connecting')
  const fresh = connection({ state: 'live', since: NOW - 100 })
  expect(panelState(fresh, first).kind).toBe('connecting')
})

test('becomes stale if a live connection never delivers a value', () => {
  expect(panelState(connection(live), { ...facts, lastAt: null })).toMatchObject({
    kind: 'stale',
    lastAt: null,
  })
})

test('is stale if the connection is stale', () => {
  expect(panelState(connection({ state: 'stale', since: NOW - 30_000 }), facts).kind).toBe('stale')
})

test('is connecting, not stale, if the page connects again after an end', () => {
  const again = connection({ state: 'connecting', since: NOW - 2000 })
  expect(panelState(again, quiet).kind).toBe('connecting')
})

test('shows the status of a refusal', () => {
  const error = Object.assign(new Error('Refused.'), {
    status: 404,
    contentType: 'application/problem+json',
  }) as never
  expect(panelState(connection({ state: 'failed', error }), facts)).toEqual({
    kind: 'error',
    message: 'The server refused the stream (404).',
    next: 'It will not retry by itself. The API may be older or newer than this page.',
    details: '404\napplication/problem+json',
  })
})

test('does not call a response without a stream a refusal', () => {
  const response = { code: 'wrong-type', status: 200, contentType: 'text/html' }
  const error = Object.assign(new Error('Not a stream.'), response) as never
  expect(panelState(connection({ state: 'failed', error }), facts)).toMatchObject({
    kind: 'error',
    message: 'The response is not an event stream (text/html).',
  })
})

test('a topic is stale after three expected intervals, and at least five seconds', () => {
  expect(staleAfter(1000)).toBe(5000)
  expect(staleAfter(4000)).toBe(12_000)
})
