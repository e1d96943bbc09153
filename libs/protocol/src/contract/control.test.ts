import { describe, expect, test } from 'vitest'
import { control, isControlEvent, pack, unpack } from '../index.ts'

describe('control events', () => {
  test.each([
    ['downlink.hello', { heartbeatMs: 15_000, outcome: 'fresh' }],
    ['downlink.hello', { heartbeatMs: 15_000, outcome: 'gap', reason: 'too-old' }],
    ['downlink.refused', { topic: 'training/7f3a', reason: 'unknown' }],
    ['downlink.dropped', { topic: 'time', count: 3 }],
    ['downlink.health', { state: 'degraded' }],
    ['downlink.health', { state: 'ok' }],
    ['downlink.bye', { reason: 'shutdown', reconnectMs: 1500 }],
    ['downlink.bye', { reason: 'revoked', reconnectMs: null }],
  ] as const)('packs and unpacks %s with %j', (event, data) => {
    const packed = pack(control, event, data)
    expect(packed).toEqual({ event, data: JSON.stringify(data) })
    expect(unpack(control, { ...packed, id: '' })).toEqual({
      ok: true,
      value: { event, data, id: '' },
    })
  })

  test.each([
    ['downlink.hello', '{"heartbeatMs":1,"outcome":"new"}', 'outcome'],
    ['downlink.hello', '{"heartbeatMs":1,"outcome":"gap","reason":null}', 'reason'],
    ['downlink.refused', '{"reason":"unknown"}', 'topic'],
    ['downlink.refused', '{"topic":"training/7f3a","reason":null}', 'reason'],
    ['downlink.dropped', '{"topic":"time","count":-1}', 'count'],
    ['downlink.health', '{"state":"down"}', 'state'],
    ['downlink.bye', '{"reason":"shutdown"}', 'reconnectMs'],
    ['downlink.bye', '[]', 'reason'],
    ['downlink.bye', 'null', ''],
  ])('rejects %s with %s at the path %j', (event, data, path) => {
    expect(unpack(control, { event, data, id: '' })).toMatchObject({ ok: false, failure: { path } })
  })

  test('drops unknown keys, which a later version may add', () => {
    const data = '{"topic":"time","count":3,"since":"later"}'
    expect(unpack(control, { event: 'downlink.dropped', data, id: '' })).toMatchObject({
      value: { data: { topic: 'time', count: 3 } },
    })
  })

  test('are recognized by their prefix', () => {
    expect(isControlEvent('downlink.next')).toBe(true)
    expect(isControlEvent('time/message')).toBe(false)
  })
})
