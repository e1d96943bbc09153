import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createTestSink } from '../test/sink.ts'
import { createSlowLog } from '../test/slow-log.ts'
import { setUp, settle } from '../test/set-up.ts'
import { job, note, prices } from '../test/streams.ts'
import { HubError } from './errors.ts'
import { createHub } from './hub.ts'
import type { SubscribeRequest } from './subscription.ts'
import { createMemoryLog } from './log/memory-log.ts'
import type { Sink } from './delivery/sink.ts'

describe('a subscription', () => {
  test('begins with retry and a comment, before anything else', () => {
    const { hub } = setUp()
    const sink = createTestSink()
    hub.subscribe({ sink, topics: [{ stream: note }] })
    expect(sink.text).toBe('retry: 2000\n\n: open\n\n')
  })

  test('on the plain format carries unmodified event names and no control events', async () => {
    const { hub, clock, open } = setUp()
    const { sink } = await open({ topics: [{ stream: prices }] })
    await hub.publish(prices, 'A', 150)
    clock.tick()
    expect(sink.events()).toEqual([{ event: 'A', data: '150', id: 'e-1' }])
  })

  test('on the multiplexed format begins with a hello that gives a position', async () => {
    const { hub, clock, open } = setUp()
    await hub.publish(note, 'message', 'before')
    const topics = [{ stream: note }, { stream: prices }]
    const { sink } = await open({ topics, format: 'multiplexed' })
    await hub.publish(prices, 'B', 2)
    clock.tick()
    expect(sink.events()).toEqual([
      { event: 'downlink.hello', data: '{"heartbeatMs":15000,"outcome":"fresh"}', id: 'e-1' },
      { event: 'prices/B', data: '2', id: 'e-2' },
    ])
  })

  test('waits for no others while the hub is busy once there is enough for a write', async () => {
    const { hub, clock } = setUp()
    const sink = createTestSink()
    const slow: Sink = {
      ...sink,
      write(batch) {
        clock.pass(10)
        return sink.write(batch)
      },
    }
    hub.subscribe({ sink: slow, topics: [{ stream: note }] })
    await settle()
    for (const text of ['first', 'waits']) {
      await hub.publish(note, 'message', text)
      clock.tick()
    }
    expect(sink.events().map(({ data }) => data)).toEqual(['first'])
    await hub.publish(note, 'message', 'x'.repeat(4_096))
    clock.tick()
    expect(sink.events()).toHaveLength(3)
  })

  test('gets what one tick brings in one write', async () => {
    const { hub, clock, open } = setUp()
    const { sink } = await open({ topics: [{ stream: note }] })
    const before = sink.writes
    for (const text of ['a', 'b', 'c']) await hub.publish(note, 'message', text)
    expect(sink.writes).toBe(before)
    clock.tick()
    expect(sink.writes).toBe(before + 1)
    expect(sink.events().map(({ data }) => data)).toEqual(['a', 'b', 'c'])
    expect(hub.counters()).toMatchObject({ events: 3, deliveries: 3, subscribers: 1 })
  })

  test('ends by itself after the event that ends its stream, and not before all of its streams have', async () => {
    const { hub, clock, open } = setUp()
    const one = await open({ topics: [{ stream: job }] })
    const two = await open({ topics: [{ stream: job }, { stream: note }], format: 'multiplexed' })
    await hub.publish(job, 'step', 1)
    await hub.publish(job, 'done', 'all')
    clock.tick()
    expect(await one.subscription.left).toBe('ended')
    expect(one.sink.events().map(({ event }) => event)).toEqual(['step', 'done'])
    expect(one.sink.ended).toBe('end')
    expect(two.sink.ended).toBeUndefined()
    expect(hub.counters().left.ended).toBe(1)
  })

  test('ends after whichever of the events that end its stream comes, also for a newcomer', async () => {
    const { hub, clock, open } = setUp()
    const either = { ...job, finalEvents: ['failed', 'step'] }
    const { sink, subscription } = await open({ topics: [{ stream: either }] })
    await hub.publish(either, 'step', 1)
    clock.tick()
    expect(await subscription.left).toBe('ended')
    const late = await open({ topics: [{ stream: either }] })
    expect(await late.subscription.left).toBe('ended')
    expect(late.sink.events()).toEqual(sink.events())
  })

  test('that leaves at any moment of its catch-up is written nothing afterwards', async () => {
    const errors: unknown[] = []
    const { hub, clock } = setUp({ onError: (error) => void errors.push(error) })
    await hub.publish(note, 'message', 'kept')
    for (let turns = 0; turns < 40; turns++) {
      const sink = createTestSink()
      hub.subscribe({ sink, topics: [{ stream: note, start: 'history' }] })
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      sink.close()
      const { writes } = sink
      await settle()
      await hub.publish(note, 'message', 'later')
      clock.tick()
      expect(sink.writes).toBe(writes)
    }
    expect(errors).toEqual([])
  })

  test('whose sink cannot be opened is none', () => {
    const { hub } = setUp()
    const failure = new Error('no such status')
    const sink: Sink = {
      ...createTestSink(),
      open() {
        throw failure
      },
    }
    expect(() => hub.subscribe({ sink, topics: [{ stream: note }] })).toThrow(failure)
    expect(hub.viewers(note)).toBe(0)
    expect(hub.counters().subscribers).toBe(0)
  })

  test('to nothing, to two topics or with refused topics on the plain format is an error', () => {
    const { hub } = setUp()
    const refused = (
      topics: SubscribeRequest['topics'],
      more: Pick<SubscribeRequest, 'refused'> = {},
    ): unknown => {
      try {
        return hub.subscribe({ sink: createTestSink(), topics, ...more })
      } catch (error) {
        return error instanceof HubError ? error.code : error
      }
    }
    expect(refused([])).toBe('no-topics')
    expect(refused([{ stream: note }, { stream: job }])).toBe('too-many-topics')
    const unknown = [{ topic: 'job/1', reason: 'unknown' }]
    expect(refused([{ stream: note }], { refused: unknown })).toBe('invalid-option')
  })
})

describe('publishing', () => {
  test('rejects on a closed hub', async () => {
    const { hub } = setUp()
    await hub.close()
    await expect(hub.publish(note, 'message', '')).rejects.toThrow(HubError)
  })

  test('rejects, and never throws, for an event over the bound and for data that breaks the contract', async () => {
    const { hub } = setUp({ maxEventBytes: 4 })
    await expect(hub.publish(note, 'message', 'ééé')).rejects.toThrow(/maxEventBytes is 4/)
    await expect(hub.publish(prices, 'A', undefined as never)).rejects.toThrow(/JSON/)
    await expect(hub.publish(prices, 'C' as 'A', 1)).rejects.toThrow(/not one of the events/)
  })

  test('accepts an event of exactly `maxEventBytes` in UTF-8, and rejects one byte more', async () => {
    const { hub } = setUp({ maxEventBytes: 6 })
    for (const fits of ['123456', 'ééé', 'é€1']) {
      await expect(hub.publish(note, 'message', fits)).resolves.toMatch(/^e-/)
    }
    for (const over of ['1234567', 'ééé1', 'é€é']) {
      await expect(hub.publish(note, 'message', over)).rejects.toMatchObject({
        code: 'event-too-large',
        topic: 'note',
        limit: 6,
        actual: 7,
      })
    }
    expect(hub.counters().events).toBe(3)
  })

  test('stores an event once for all publishes with its idempotency key', async () => {
    const { hub, clock, open } = setUp()
    const { sink } = await open({ topics: [{ stream: note }] })
    const options = { idempotencyKey: 'order-1' }
    const id = await hub.publish(note, 'message', 'one', options)
    expect(await hub.publish(note, 'message', 'one', options)).toBe(id)
    clock.tick()
    expect(sink.events().map(({ data }) => data)).toEqual(['one'])
    await expect(hub.publish(note, 'message', 'one', { idempotencyKey: '' })).rejects.toMatchObject(
      { name: 'LogError', code: 'invalid' },
    )
  })

  test('rejects events after a final event', async () => {
    const { hub } = setUp()
    await hub.publish(job, 'done', 'all')
    for (const publish of [hub.publish(job, 'step', 1), hub.publish(job, 'done', 'again')])
      await expect(publish).rejects.toMatchObject({ name: 'LogError', code: 'topic-ended' })
    await hub.publish(note, 'message', 'another topic')
  })

  test('keeps as much history of a stream as its contract says', async () => {
    const { hub, open } = setUp()
    const limited = { ...note, history: { maxEvents: 2 } }
    for (const data of ['1', '2', '3']) await hub.publish(limited, 'message', data)
    await hub.publish(job, 'step', 1)
    const { sink } = await open({ topics: [{ stream: limited, start: 'history' }] })
    expect(sink.events().map(({ data }) => data)).toEqual(['2', '3'])
    const other = await open({ topics: [{ stream: job, start: 'history' }] })
    expect(await other.subscription.outcome).toBe('fresh')
  })

  test('data with line breaks cannot forge an event', async () => {
    const { hub, clock, open } = setUp()
    const { sink } = await open({ topics: [{ stream: note }] })
    await hub.publish(note, 'message', 'a\n\nevent: forged\ndata: b\r\rc')
    clock.tick()
    expect(sink.events()).toEqual([
      { event: 'message', data: 'a\n\nevent: forged\ndata: b\n\nc', id: 'e-1' },
    ])
  })

  test('options outside their range are refused by name', () => {
    for (const option of ['heartbeatMs', 'maxLifetimeMs', 'maxEventBytes'] as const) {
      expect(() => createHub({ [option]: 0 })).toThrow(option)
    }
    expect(() => createHub({ maxQueuedBytes: NaN })).toThrow('maxQueuedBytes')
  })
})

describe('resuming', () => {
  test('says that events were lost, with the reason of the log', async () => {
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

  test('after an id gives exactly what came since, then what comes', async () => {
    const { hub, clock, open } = setUp()
    for (let i = 1; i <= 4; i++) await hub.publish(note, 'message', String(i))
    const { sink, subscription } = await open({ topics: [{ stream: note }], lastEventId: 'e-2' })
    await hub.publish(note, 'message', '5')
    clock.tick()
    expect(await subscription.outcome).toBe('resumed')
    expect(sink.events().map(({ id }) => id)).toEqual(['e-3', 'e-4', 'e-5'])
  })

  test.each([
    ['garbage', '../../', 'bad-id'],
    ['a negative number', '-1', 'bad-id'],
    ['no number', 'e-abc', 'bad-id'],
    ['two ids in one header', 'e-1, e-2', 'bad-id'],
    ['four kilobytes', 'x'.repeat(4096), 'bad-id'],
    ['another epoch', 'f-1', 'unknown-epoch'],
    ['the future', 'e-99', 'future'],
  ])(
    'after %s is a gap that names its reason, and never echoes the id',
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

  test('after what was trimmed is a gap, and gives no part of it', async () => {
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

  test('with an empty id begins anew', async () => {
    const { open } = setUp()
    const { subscription } = await open({ topics: [{ stream: note }], lastEventId: '' })
    expect(await subscription.outcome).toBe('fresh')
  })

  test('after the event that ended the stream ends again at once', async () => {
    const { hub, open } = setUp()
    await hub.publish(job, 'done', 'all')
    const { sink, subscription } = await open({ topics: [{ stream: job }], lastEventId: 'e-1' })
    expect(await subscription.left).toBe('ended')
    expect(sink.events()).toEqual([])
  })

  test('of a stalled client is cut when the log trims what it has still to read', async () => {
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

  test('over a log that begins anew tells everybody of the gap, in the stream', async () => {
    let epochs = 0
    const log = createSlowLog(
      () => 1,
      () => createMemoryLog({ epoch: `e${++epochs}` }),
    )
    const { hub, clock, open } = setUp({ log })
    await settle()
    const { sink } = await open({ topics: [{ stream: note }], format: 'multiplexed' })
    await hub.publish(note, 'message', 'one')
    await settle()
    clock.tick()
    log.restart()
    await settle()
    await hub.publish(note, 'message', 'two')
    await settle()
    clock.tick()
    expect(sink.events().map(({ event, id }) => [event, id])).toEqual([
      ['downlink.hello', 'e1-0'],
      ['note/message', 'e1-1'],
      ['downlink.hello', 'e2-0'],
      ['note/message', 'e2-1'],
    ])
    expect(sink.events()[2]?.data).toContain('"outcome":"gap","reason":"unknown-epoch"')
  })

  test('over a log that begins anew leaves out what still waited for a slow reader', async () => {
    let epochs = 0
    const log = createSlowLog(
      () => 1,
      () => createMemoryLog({ epoch: `e${++epochs}` }),
    )
    const { hub, clock, open } = setUp({ log })
    await settle()
    const { sink } = await open({ topics: [{ stream: note }], format: 'multiplexed' })
    sink.block()
    for (const data of ['on its way', 'still waiting']) {
      await hub.publish(note, 'message', data)
      await settle()
      clock.tick()
    }
    log.restart()
    await settle()
    sink.unblock()
    await settle()
    expect(sink.events().map(({ id }) => id)).toEqual(['e1-0', 'e1-1', 'e2-0'])
  })

  test('over a log that reports a new position gives what the log now has under a seq used before', async () => {
    const log = createSlowLog(
      () => 1,
      () => createMemoryLog({ epoch: 'e' }),
    )
    const { hub, clock, open } = setUp({ log })
    await settle()
    const { sink } = await open({ topics: [{ stream: note }] })
    for (const data of ['before', 'after']) {
      await hub.publish(note, 'message', data)
      await settle()
      clock.tick()
      log.restart()
      await settle()
    }
    expect(sink.events().map(({ id, data }) => [id, data])).toEqual([
      ['e-1', 'before'],
      ['e-1', 'after'],
    ])
  })

  test('over a log that fails ends the stream, reports why, and has the client come back', async () => {
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

describe('a newcomer', () => {
  test('gets only what comes, unless more is asked for', async () => {
    const { hub, open } = setUp()
    await hub.publish(prices, 'A', 1)
    const { sink } = await open({ topics: [{ stream: prices }] })
    expect(sink.events()).toEqual([])
  })

  test('can have the newest of each event name first, of a given age at most', async () => {
    const { hub, clock, open } = setUp()
    await hub.publish(prices, 'A', 1)
    await hub.publish(prices, 'A', 2)
    clock.advance(1_000)
    await hub.publish(prices, 'B', 3)
    const topics = [{ stream: prices, start: 'latest' as const }]
    const { sink } = await open({ topics })
    expect(sink.events().map(({ event, data, id }) => [event, data, id])).toEqual([
      ['A', '2', 'e-2'],
      ['B', '3', 'e-3'],
    ])
    const fussy = await open({ topics: [{ ...topics[0], stream: prices, latestMaxAgeMs: 500 }] })
    expect(fussy.sink.events().map(({ event }) => event)).toEqual(['B'])
  })

  test.each([3, -3])(
    'gets values up to the given age also when the system clock jumps by %d h',
    async (hours) => {
      vi.useFakeTimers({ toFake: ['Date'] })
      onTestFinished(() => void vi.useRealTimers())
      const hub = createHub()
      await hub.publish(prices, 'A', 1)
      vi.setSystemTime(Date.now() + hours * 3_600_000)
      await hub.publish(prices, 'B', 2)
      const sink = createTestSink()
      hub.subscribe({
        sink,
        topics: [{ stream: prices, start: 'latest', latestMaxAgeMs: 600_000 }],
      })
      await settle()
      expect(sink.events().map(({ data }) => data)).toEqual(['1', '2'])
      await hub.close()
    },
  )

  test('can have the whole history, and is told where its beginning is lost', async () => {
    const { hub, clock, open } = setUp({ log: createMemoryLog({ epoch: 'e', maxEvents: 600 }) })
    const topics = [{ stream: job, start: 'history' as const }]
    for (let i = 1; i <= 600; i++) await hub.publish(job, 'step', i)
    const whole = await open({ topics, format: 'multiplexed' })
    for (let page = 2; page <= 3; page++) {
      clock.tick()
      await settle()
    }
    expect(
      whole.sink
        .events()
        .slice(1)
        .map(({ data }) => Number(data)),
    ).toEqual(Array.from({ length: 600 }, (_, i) => i + 1))
    await hub.publish(job, 'step', 601)
    const part = await open({ topics, format: 'multiplexed' })
    expect(await part.subscription.outcome).toBe('gap')
    expect(part.sink.events()[1]?.id).toBe('e-2')
  })

  test('that is cut right after its hello has a position from which nothing is lost', async () => {
    const { hub, open } = setUp()
    for (let i = 1; i <= 5; i++) await hub.publish(job, 'step', i)
    const topics = [{ stream: job, start: 'history' as const }]
    const { sink } = await open({ topics, format: 'multiplexed' })
    const hello = sink.events()[0]
    const again = await open({ topics, format: 'multiplexed', lastEventId: hello?.id ?? '' })
    expect(again.sink.events().slice(1)).toEqual(sink.events().slice(1))
  })

  test('to a stream that has ended gets its last event in any case', async () => {
    const { hub, open } = setUp()
    await hub.publish(job, 'step', 1)
    await hub.publish(job, 'done', 'all')
    const { sink, subscription } = await open({ topics: [{ stream: job }] })
    expect(await subscription.left).toBe('ended')
    expect(sink.events().map(({ event }) => event)).toEqual(['done'])
  })
})

describe('a topic added to a connection that goes on', () => {
  const added = [
    { stream: note },
    { stream: job, start: 'history' as const, added: true },
    { stream: prices, start: 'latest' as const, added: true },
  ]

  async function publishAll() {
    const { hub, clock, open } = setUp()
    await hub.publish(job, 'step', 1) // e-1
    await hub.publish(prices, 'A', 10) // e-2
    await hub.publish(note, 'message', 'had') // e-3
    await hub.publish(prices, 'A', 11) // e-4
    await hub.publish(job, 'step', 2) // e-5
    await hub.publish(note, 'message', 'missed') // e-6
    await hub.publish(job, 'step', 3) // e-7
    return { hub, clock, open }
  }

  test('is given its start, and the others what came since', async () => {
    const { hub, clock, open } = await publishAll()
    const { sink, subscription } = await open({
      topics: added,
      format: 'multiplexed',
      lastEventId: 'e-5',
    })
    await hub.publish(job, 'step', 4)
    clock.tick()
    expect(await subscription.outcome).toBe('resumed')
    const [hello, ...events] = sink.events()
    expect(hello?.id).toBe('e-0')
    expect(events.map(({ event, id }) => `${event} ${id}`)).toEqual([
      'job/step e-1',
      'prices/A e-4',
      'job/step e-5',
      'note/message e-6',
      'job/step e-7',
      'job/step e-8',
    ])
  })

  test('is given no more than its start, though more of it came since', async () => {
    const { open } = await publishAll()
    const started = async (start: 'live' | 'latest') => {
      const topics = [{ stream: note }, { stream: prices, start, added: true }]
      const { sink } = await open({ topics, format: 'multiplexed', lastEventId: 'e-1' })
      return sink.events().map(({ event, id }) => `${event} ${id}`)
    }
    const hello = 'downlink.hello e-1'
    const notes = ['note/message e-3', 'note/message e-6']
    expect(await started('live')).toEqual([hello, ...notes])
    expect(await started('latest')).toEqual([hello, notes[0], 'prices/A e-4', notes[1]])
  })

  describe('of which the log has trimmed', () => {
    async function publishMore() {
      const { hub, open } = setUp({ log: createMemoryLog({ epoch: 'e', maxEvents: 3 }) })
      await hub.publish(note, 'message', 'had') // e-1
      for (let i = 2; i <= 6; i++) await hub.publish(prices, 'A', i) // e-2 to e-6
      return (start: 'latest' | 'history') => {
        const topics = [{ stream: note }, { stream: prices, start, added: true }]
        return open({ topics, format: 'multiplexed', lastEventId: 'e-1' })
      }
    }

    test('what it does not need starts, and the others go on', async () => {
      const open = await publishMore()
      const { sink, subscription } = await open('latest')
      expect(await subscription.outcome).toBe('resumed')
      expect(sink.events().map(({ id }) => id)).toEqual(['e-1', 'e-6'])
      expect(sink.ended).toBeUndefined()
    })

    test('the beginning that was asked for starts with a gap, as do all others', async () => {
      const open = await publishMore()
      const { sink, subscription } = await open('history')
      expect(await subscription.outcome).toBe('gap')
      expect(sink.events().map(({ id }) => id)).toEqual(['e-3', 'e-4', 'e-5', 'e-6'])
      expect(JSON.parse(sink.events()[0]?.data ?? '')).toMatchObject({ reason: 'trimmed' })
      expect(sink.ended).toBeUndefined()
    })
  })

  test('loses nothing when the connection is cut within its start', async () => {
    const { open } = await publishAll()
    const topics = added.map(({ stream, start }) => ({ stream, ...(start && { start }) }))
    const { sink } = await open({ topics, format: 'multiplexed', lastEventId: 'e-1' })
    expect(sink.events().map(({ id }) => id)).toEqual([
      'e-1',
      'e-2',
      'e-3',
      'e-4',
      'e-5',
      'e-6',
      'e-7',
    ])
  })

  test('that has ended gives its history and its end once', async () => {
    const { hub, open } = await publishAll()
    await hub.publish(job, 'done', 'all') // e-8
    const { sink } = await open({ topics: added, format: 'multiplexed', lastEventId: 'e-8' })
    expect(sink.events().map(({ event, id }) => `${event} ${id}`)).toEqual([
      'downlink.hello e-0',
      'job/step e-1',
      'prices/A e-4',
      'job/step e-5',
      'job/step e-7',
      'job/done e-8',
    ])
  })

  test('starts like all others where the connection cannot go on', async () => {
    const { open } = await publishAll()
    const { sink, subscription } = await open({
      topics: added,
      format: 'multiplexed',
      lastEventId: 'f-5',
    })
    expect(await subscription.outcome).toBe('gap')
    expect(sink.events().map(({ id }) => id)).toEqual(['e-0', 'e-1', 'e-4', 'e-5', 'e-7'])
  })
})

describe('a slow reader', () => {
  test('of a `latest` stream gets the newest of each name, and is told how many it missed', async () => {
    const { hub, clock, open } = setUp({ maxQueuedBytes: 100 })
    const { sink, subscription } = await open({
      topics: [{ stream: prices }],
      format: 'multiplexed',
    })
    sink.block()
    for (let i = 1; i <= 50; i++) {
      await hub.publish(prices, i % 2 === 0 ? 'A' : 'B', i)
      clock.tick()
    }
    expect(subscription.progress().queuedBytes).toBeLessThanOrEqual(100)
    expect(hub.counters().queuedBytes).toBeLessThanOrEqual(100)
    sink.unblock()
    const [, , dropped, ...kept] = sink.events()
    const values = kept.map(({ data }) => Number(data))
    expect(dropped?.event).toBe('downlink.dropped')
    expect(values.slice(-2)).toEqual([49, 50])
    expect(JSON.parse(dropped?.data ?? '')).toEqual({ topic: 'prices', count: 49 - kept.length })
    expect(subscription.progress().dropped).toBe(49 - kept.length)
    expect(hub.counters().dropped).toBe(49 - kept.length)
  })

  test('of an `every` stream leaves as too-slow, and resumes without a hole', async () => {
    const { hub, clock, open } = setUp({ maxQueuedBytes: 100 })
    const { sink, subscription } = await open({ topics: [{ stream: job }] })
    sink.block()
    for (let i = 1; i <= 20; i++) {
      await hub.publish(job, 'step', i)
      clock.tick()
    }
    await hub.publish(job, 'done', 'all')
    expect(await subscription.left).toBe('too-slow')
    expect(sink.ended).toBe('destroyed')
    const again = await open({ topics: [{ stream: job }], lastEventId: sink.lastEventId() })
    const seen = [...sink.events(), ...again.sink.events()]
    expect(seen.map(({ data }) => data)).toEqual(
      [...Array(20).keys()].map((i) => String(i + 1)).concat('all'),
    )
  })

  test('does not slow the others', async () => {
    const { hub, clock, open } = setUp({ maxQueuedBytes: 100 })
    const slow = await open({ topics: [{ stream: note }] })
    const healthy = await open({ topics: [{ stream: note }] })
    slow.sink.block()
    for (let i = 0; i < 30; i++) {
      await hub.publish(note, 'message', 'x')
      clock.tick()
      expect(healthy.sink.events()).toHaveLength(i + 1)
    }
  })

  test('that was let down politely still gets what waited for it', async () => {
    const { hub, clock, open } = setUp()
    const { sink, subscription } = await open({ topics: [{ stream: job }] })
    sink.block()
    await hub.publish(job, 'step', 1)
    clock.tick()
    await hub.publish(job, 'step', 2)
    clock.tick()
    await hub.publish(job, 'step', 3)
    subscription.leave()
    expect(await subscription.left).toBe('dismissed')
    expect(sink.events().map(({ data }) => data)).toEqual(['1', '2', '3'])
  })
})
