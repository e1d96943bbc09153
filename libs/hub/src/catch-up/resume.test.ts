/** Resuming from a last event ID. */
import { describe, expect, test } from 'vitest'
import { createTestSink } from '../../test/sink.ts'
import { setUp, settle } from '../../test/set-up.ts'
import { job, note } from '../../test/streams.ts'
import { createMemoryLog } from '../log/memory-log.ts'

describe('resuming', () => {
  test('reports the gap reason of the log', async () => {
    const log = createMemoryLog({ epoch: 'e' })
    const { open } = setUp({
      log: {
        ...log,
        readAfter: async (...args) => {
          const page = await log.readAfter(...args)
          return page.ok ? { ...page, entries: [], gaps: new Map([['note', 'lost']]) } : page
        },
      },
    })
    for (const data of ['1', '2']) await log.append({ topic: 'note', event: 'message', data })
    const { sink } = await open({
      topics: [{ stream: note }],
      lastEventId: 'e-1',
      format: 'multiplexed',
    })
    expect(JSON.parse(sink.events()[0]?.data ?? '')).toMatchObject({
      outcome: 'gap',
      reason: 'lost',
    })
  })

  test('sends exactly the events after the last event ID, then live events', async () => {
    const { hub, clock, open } = setUp()
    for (let i = 1; i <= 4; i++) await hub.publish(note, 'message', String(i))
    const { sink, subscription } = await open({ topics: [{ stream: note }], lastEventId: 'e-2' })
    await hub.publish(note, 'message', '5')
    clock.tick()
    expect(await subscription.outcome).toBe('resumed')
    expect(sink.events().map(({ id }) => id)).toEqual(['e-3', 'e-4', 'e-5'])
  })

  test.each([
    ['a malformed id', '../../', 'bad-id'],
    ['a negative number', '-1', 'bad-id'],
    ['an id without a number', 'e-abc', 'bad-id'],
    ['two ids in one header', 'e-1, e-2', 'bad-id'],
    ['an id of 4 KB', 'x'.repeat(4096), 'bad-id'],
    ['an id of another epoch', 'f-1', 'unknown-epoch'],
    ['an id of the future', 'e-99', 'future'],
  ])(
    'from %s is a gap with its reason, and does not echo the id',
    async (_, lastEventId, reason) => {
      const { hub, clock, open } = setUp()
      await hub.publish(note, 'message', 'before')
      const { sink, subscription } = await open({
        topics: [{ stream: note }],
        format: 'multiplexed',
        lastEventId,
      })
      await hub.publish(note, 'message', 'after')
      clock.tick()
      expect(await subscription.outcome).toBe('gap')
      expect(JSON.parse(sink.events()[0]?.data ?? '')).toMatchObject({ outcome: 'gap', reason })
      expect(sink.events().map(({ id }) => id)).toEqual(['e-1', 'e-2'])
    },
  )

  test('after a trimmed event is a gap, and sends none of the missed events', async () => {
    const { hub, open } = setUp({ log: createMemoryLog({ epoch: 'e', maxEvents: 2 }) })
    for (let i = 1; i <= 4; i++) await hub.publish(note, 'message', String(i))
    const { sink } = await open({
      topics: [{ stream: note }],
      format: 'multiplexed',
      lastEventId: 'e-1',
    })
    expect(sink.events()).toHaveLength(1)
    expect(sink.events()[0]?.data).toContain('"outcome":"gap","reason":"trimmed"')
  })

  test('with an empty id starts a new subscription', async () => {
    const { open } = setUp()
    const { subscription } = await open({ topics: [{ stream: note }], lastEventId: '' })
    expect(await subscription.outcome).toBe('fresh')
  })

  test('after the final event ends the stream immediately', async () => {
    const { hub, open } = setUp()
    await hub.publish(job, 'done', 'all')
    const { sink, subscription } = await open({ topics: [{ stream: job }], lastEventId: 'e-1' })
    expect(await subscription.left).toBe('ended')
    expect(sink.events()).toEqual([])
  })

  test('disconnects a blocked client if the log trims events that it has not read yet', async () => {
    const log = createMemoryLog({ epoch: 'e', maxEvents: 600 })
    const { hub, clock, open } = setUp({ log, maxQueuedBytes: 400 })
    for (let i = 1; i <= 600; i++) await hub.publish(job, 'step', i)
    const sink = createTestSink()
    sink.block()
    const subscription = hub.subscribe({ sink, topics: [{ stream: job }], lastEventId: 'e-0' })
    await settle()
    for (let i = 1; i <= 600; i++) {
      await hub.publish(job, 'step', i)
      clock.tick()
    }
    sink.unblock()
    await settle()
    clock.tick()
    expect(await subscription.left).toBe('too-slow')
    expect(await open({ topics: [{ stream: job }] })).toBeDefined()
  })

  test('from a log that fails ends the stream, reports the error, and tells the client to reconnect', async () => {
    const errors: unknown[] = []
    const broken = { ...createMemoryLog(), readAfter: () => Promise.reject(new Error('log down')) }
    const { open } = setUp({ log: broken, onError: (error) => void errors.push(error) })
    const { sink, subscription } = await open({
      topics: [{ stream: note }],
      lastEventId: 'e-1',
      format: 'multiplexed',
    })
    expect(await subscription.left).toBe('error')
    expect(errors).toEqual([new Error('log down')])
    expect(sink.text).toContain('data: {"reason":"error","reconnectMs":1000}')
  })
})
