import { encodeComment } from '@downlink/protocol/sse'
import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { hello, message, news, read, stubPage, until, useLinks } from '../../test/link.ts'
import type { LinkStatus } from '../status.ts'

const fixture = useLinks()

describe('close()', () => {
  test('releases everything in every state, and no callback is called afterwards', async () => {
    const states: LinkStatus['state'][] = ['idle', 'connecting', 'live', 'stale', 'reconnecting']
    for (const state of states) {
      const link = fixture.create({ heartbeatMs: 1_000 })
      const calls: string[] = []
      if (state !== 'idle') {
        link.subscribe(news, { onEvent: () => calls.push('event') })
        const visit = await fixture.server.visit()
        if (state === 'reconnecting') visit.cut()
        else if (state !== 'connecting') visit.open()
        if (state === 'stale') {
          await until(link, 'live')
          fixture.clock.advance(2_500)
        }
        await until(link, state)
      }
      link.onStatus((next) => calls.push(next.state))
      link.close()
      link.close()
      expect(link.status).toEqual({ state: 'ended', reason: 'closed' })
      expect(calls).toEqual(['ended'])
      link.retryNow()
      fixture.clock.advance(100_000)
      expect(fixture.clock.pending()).toEqual([])
      expect(calls).toEqual(['ended'])
      expect(() => link.subscribe(news)).toThrow(expect.objectContaining({ code: 'closed' }))
    }
  })

  test('in onEvent drops the rest of the chunk', async () => {
    const link = fixture.create()
    const got: string[] = []
    link.subscribe(news, {
      onEvent({ data }) {
        got.push(data)
        link.close()
      },
    })
    const visit = await fixture.server.visit()
    visit.open().write(message('e-1', 'a') + message('e-2', 'b'))
    await visit.closed
    expect(got).toEqual(['a'])
  })

  test('in onFrame drops the other frames and the events of the chunk', async () => {
    const got: string[] = []
    const link = fixture.create({
      onFrame({ text }) {
        got.push(text)
        link.close()
      },
    })
    link.subscribe(news, { onEvent: ({ data }) => got.push(data) })
    const visit = await fixture.server.visit()
    visit.open().write(encodeComment('one') + hello('fresh') + message('e-1', 'a'))
    await visit.closed
    expect(got).toEqual([encodeComment('one')])
    expect(fixture.clock.pending()).toEqual([])
  })

  test('is called when the signal is aborted', async () => {
    const controller = new AbortController()
    const link = fixture.create({ signal: controller.signal })
    read(link)
    const visit = await fixture.server.visit()
    controller.abort()
    await visit.closed
    expect(link.status).toEqual({ state: 'ended', reason: 'closed' })
    expect(fixture.create({ signal: AbortSignal.abort() }).status.state).toBe('ended')
  })

  test('removes its listener from the signal', () => {
    const { signal } = new AbortController()
    const link = fixture.create({ signal })
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    link.close()
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('in onStatus when the network is lost prevents the next request', async () => {
    const page = stubPage(fixture.server.url)
    const link = fixture.create()
    read(link)
    ;(await fixture.server.visit()).open()
    await until(link, 'live')
    link.onStatus(({ state }) => {
      if (state === 'reconnecting') link.close()
    })
    page.scope.dispatchEvent(new Event('offline'))
    expect(link.status).toEqual({ state: 'ended', reason: 'closed' })
    expect(fixture.clock.pending()).toEqual([])
    const other = fixture.create()
    read(other)
    await fixture.server.visit()
    expect(fixture.server.visits).toHaveLength(2)
  })

  test('in onStatus when the link becomes live cancels the response', async () => {
    const link = fixture.create()
    link.onStatus(({ state }) => {
      if (state === 'live') link.close()
    })
    read(link)
    const visit = await fixture.server.visit()
    visit.open()
    await visit.closed
  })
})
