/** How applications end subscriptions: with their own reasons and with abort signals. */
import { describe, expect, test, vi } from 'vitest'
import { setUp, settle } from '../../test/set-up.ts'
import { createTestSink } from '../../test/sink.ts'
import { job, note } from '../../test/streams.ts'
import { LEAVE_REASONS } from './leave-reason.ts'

const NOTE = { topics: [{ stream: note }], format: 'multiplexed' as const }

describe("an application's own reason", () => {
  test.each([
    [true, 1_000, 'end-connection'],
    [false, null, 'end'],
  ] as const)(
    'is sent with reconnect: %j, and counted as `dismissed`',
    async (reconnect, reconnectMs, ended) => {
      const { hub, open } = setUp()
      const { sink, subscription } = await open(NOTE)
      subscription.leave({ reason: 'banned', reconnect })
      expect(await subscription.left).toBe('banned')
      expect(sink.events().at(-1)).toMatchObject({
        event: 'downlink.bye',
        data: JSON.stringify({ reason: 'banned', reconnectMs }),
      })
      expect(sink.ended).toBe(ended)
      const { left } = hub.counters()
      expect(Object.keys(left)).toEqual([...LEAVE_REASONS])
      expect(left.dismissed).toBe(1)
    },
  )

  test('is also sent to a subscriber that is catching up', async () => {
    const { hub } = setUp()
    await hub.publish(job, 'step', 1)
    const sink = createTestSink()
    const topics = [{ stream: job, start: 'history' as const }]
    const subscription = hub.subscribe({ sink, topics, format: 'multiplexed' })
    subscription.leave({ reason: 'moved', reconnect: true })
    await settle()
    expect(await subscription.left).toBe('moved')
    expect(sink.events().map(({ event }) => event)).toEqual([
      'downlink.hello',
      'job/step',
      'downlink.bye',
    ])
    expect(sink.ended).toBe('end-connection')
  })

  const others = LEAVE_REASONS.filter((reason) => reason !== 'dismissed')
  test.each([...others, '', 'Banned', '2fast', 'a b', 'a\n', 'ends-', 'a'.repeat(33)])(
    'cannot be %j',
    async (reason) => {
      const { open } = setUp()
      const { sink, subscription } = await open(NOTE)
      expect(() => subscription.leave({ reason })).toThrow(
        expect.objectContaining({ name: 'HubError', code: 'invalid-option', option: 'reason' }),
      )
      expect(sink.ended).toBeUndefined()
    },
  )

  test.each(['a', 'a'.repeat(32), 'token-expired-2'])('can be %j', async (reason) => {
    const { open } = setUp()
    const { subscription } = await open(NOTE)
    subscription.leave({ reason })
    expect(await subscription.left).toBe(reason)
  })
})

describe('a signal', () => {
  test('ends the subscription like `leave` when it is aborted', async () => {
    const { hub, open } = setUp()
    const controller = new AbortController()
    const { sink, subscription } = await open({ ...NOTE, signal: controller.signal })
    await hub.publish(note, 'message', 'pending')
    controller.abort()
    expect(await subscription.left).toBe('dismissed')
    expect(sink.events().map(({ event }) => event)).toEqual([
      'downlink.hello',
      'note/message',
      'downlink.bye',
    ])
    expect(sink.ended).toBe('end')
  })

  test('that is already aborted also ends the stream', async () => {
    const { hub, open } = setUp()
    const { sink, subscription } = await open({ ...NOTE, signal: AbortSignal.abort() })
    expect(await subscription.left).toBe('dismissed')
    expect(sink.ended).toBe('end')
    expect(hub.subscriberCount(note)).toBe(0)
  })

  test('has no listener after the subscriber has left', async () => {
    const { open } = setUp()
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const { sink, subscription } = await open({ ...NOTE, signal })
    expect(added).toHaveBeenCalledOnce()
    expect(removed).not.toHaveBeenCalled()
    sink.close()
    expect(await subscription.left).toBe('client')
    expect(removed.mock.calls).toEqual(added.mock.calls)
  })
})
