/** A topic that a client adds when it resumes. */
import { describe, expect, test } from 'vitest'
import { setUp } from '../../test/set-up.ts'
import { job, note, prices } from '../../test/streams.ts'
import { createMemoryLog } from '../log/memory-log.ts'

describe('a topic added to a connection that resumes', () => {
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

  test('receives its start, and the other topics resume', async () => {
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

  test('receives no more than its start, also if it has missed events', async () => {
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

  describe('whose events were trimmed', () => {
    async function publishMore() {
      const { hub, open } = setUp({ log: createMemoryLog({ epoch: 'e', maxEvents: 3 }) })
      await hub.publish(note, 'message', 'had') // e-1
      for (let i = 2; i <= 6; i++) await hub.publish(prices, 'A', i) // e-2 to e-6
      return (start: 'latest' | 'history') => {
        const topics = [{ stream: note }, { stream: prices, start, added: true }]
        return open({ topics, format: 'multiplexed', lastEventId: 'e-1' })
      }
    }

    test('starts without a gap if only events that it does not request were trimmed', async () => {
      const open = await publishMore()
      const { sink, subscription } = await open('latest')
      expect(await subscription.outcome).toBe('resumed')
      expect(sink.events().map(({ id }) => id)).toEqual(['e-1', 'e-6'])
      expect(sink.ended).toBeUndefined()
    })

    test('starts with a gap on all topics if the beginning of its history was trimmed', async () => {
      const open = await publishMore()
      const { sink, subscription } = await open('history')
      expect(await subscription.outcome).toBe('gap')
      expect(sink.events().map(({ id }) => id)).toEqual(['e-3', 'e-4', 'e-5', 'e-6'])
      expect(JSON.parse(sink.events()[0]?.data ?? '')).toMatchObject({ reason: 'trimmed' })
      expect(sink.ended).toBeUndefined()
    })
  })

  test('loses no event if the connection closes while its start is sent', async () => {
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

  test('that has ended sends its history and its final event once', async () => {
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

  test('starts like all other topics if the connection cannot resume', async () => {
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
