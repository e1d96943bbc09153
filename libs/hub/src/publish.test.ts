/** What publishing stores, and what it rejects. */
import { describe, expect, test } from 'vitest'
import { setUp } from '../test/set-up.ts'
import { job, note, prices } from '../test/streams.ts'
import { HubError } from './errors.ts'

describe('publishing', () => {
  test('rejects on a closed hub', async () => {
    const { hub } = setUp()
    await hub.close()
    await expect(hub.publish(note, 'message', '')).rejects.toThrow(HubError)
  })

  test('rejects, and never throws, for an event over `maxEventBytes` and for data that breaks the contract', async () => {
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

  test('stores one event for all publishes with the same idempotency key', async () => {
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

  test('limits the history of a topic as its contract says', async () => {
    const { hub, open } = setUp()
    const limited = { ...note, history: { maxEvents: 2 } }
    for (const data of ['1', '2', '3']) await hub.publish(limited, 'message', data)
    await hub.publish(job, 'step', 1)
    const { sink } = await open({ topics: [{ stream: limited, start: 'history' }] })
    expect(sink.events().map(({ data }) => data)).toEqual(['2', '3'])
    const other = await open({ topics: [{ stream: job, start: 'history' }] })
    expect(await other.subscription.outcome).toBe('fresh')
  })

  test('encodes line breaks in data so that they cannot forge an event', async () => {
    const { hub, clock, open } = setUp()
    const { sink } = await open({ topics: [{ stream: note }] })
    await hub.publish(note, 'message', 'a\n\nevent: forged\ndata: b\r\rc')
    clock.tick()
    expect(sink.events()).toEqual([
      { event: 'message', data: 'a\n\nevent: forged\ndata: b\n\nc', id: 'e-1' },
    ])
  })
})
