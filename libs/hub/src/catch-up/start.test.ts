/** What a new subscriber receives before live events. */
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createTestSink } from '../../test/sink.ts'
import { setUp, settle } from '../../test/set-up.ts'
import { job, prices } from '../../test/streams.ts'
import { createHub } from '../hub.ts'
import { createMemoryLog } from '../log/memory-log.ts'

describe('a new subscriber', () => {
  test('receives only live events by default', async () => {
    const { hub, open } = setUp()
    await hub.publish(prices, 'A', 1)
    const { sink } = await open({ topics: [{ stream: prices }] })
    expect(sink.events()).toEqual([])
  })

  test('can start with the latest event of each name, up to an age', async () => {
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
    'receives latest values up to the age also if the system clock jumps by %d h',
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

  test('can start with the whole history, and is told about a gap if its beginning was trimmed', async () => {
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

  test('that is disconnected right after its hello loses no event when it resumes', async () => {
    const { hub, open } = setUp()
    for (let i = 1; i <= 5; i++) await hub.publish(job, 'step', i)
    const topics = [{ stream: job, start: 'history' as const }]
    const { sink } = await open({ topics, format: 'multiplexed' })
    const hello = sink.events()[0]
    const again = await open({ topics, format: 'multiplexed', lastEventId: hello?.id ?? '' })
    expect(again.sink.events().slice(1)).toEqual(sink.events().slice(1))
  })

  test('of a topic that has ended receives the final event', async () => {
    const { hub, open } = setUp()
    await hub.publish(job, 'step', 1)
    await hub.publish(job, 'done', 'all')
    const { sink, subscription } = await open({ topics: [{ stream: job }] })
    expect(await subscription.left).toBe('ended')
    expect(sink.events().map(({ event }) => event)).toEqual(['done'])
  })
})
