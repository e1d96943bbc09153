import { encodeEvent } from '@downlink/protocol/sse'
import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { collect, message, news, read, run, ticks, useLinks } from '../../test/link.ts'
import type { LinkError } from '../errors.ts'

const fixture = useLinks()

describe('a loop', () => {
  test('reads typed events, and disconnects when it is left', async () => {
    const link = fixture.create()
    const visiting = fixture.server.visit().then((visit) => {
      visit.open().write(message('e-1', 'a') + message('e-2', 'b') + message('e-3', 'c'))
      return visit
    })
    const got: string[] = []
    for await (const event of link.subscribe(news)) {
      got.push(event.data)
      if (event.id === 'e-2') break
    }
    await (
      await visiting
    ).closed
    expect(got).toEqual(['a', 'b'])
    expect(link.status).toEqual({ state: 'idle' })
  })

  test('ends with its stream, after the queued events', async () => {
    const link = fixture.create()
    const visiting = fixture.server.visit()
    const reading = collect(link.subscribe(run))
    const visit = await visiting
    visit.open().write(encodeEvent({ event: 'run/1/progress', data: '1', id: 'e-1' }))
    visit.write(encodeEvent({ event: 'run/1/complete', data: 'done', id: 'e-2' }))
    expect((await reading).map(({ event }) => event)).toEqual(['progress', 'complete'])
  })

  test('throws the error that makes the link fail', async () => {
    const link = fixture.create()
    const reading = collect(link.subscribe(news))
    ;(await fixture.server.visit()).response.writeHead(404).end()
    await expect(reading).rejects.toMatchObject({ name: 'LinkError', status: 404 })
    expect(link.status).toMatchObject({ state: 'failed' })
  })

  test('ends when the link is closed, and when the server ends the stream', async () => {
    const link = fixture.create()
    const closing = collect(link.subscribe(news))
    await fixture.server.visit()
    link.close()
    expect(await closing).toEqual([])

    const other = fixture.create()
    const ending = collect(other.subscribe(news))
    ;(await fixture.server.visit()).response.writeHead(204).end()
    expect(await ending).toEqual([])
  })

  test('ends when its signal is aborted, at any time', async () => {
    const link = fixture.create()
    const controller = new AbortController()
    const reading = collect(link.subscribe(news, { signal: controller.signal }))
    const visit = await fixture.server.visit()
    controller.abort()
    expect(await reading).toEqual([])
    await visit.closed
    expect(await collect(link.subscribe(news, { signal: controller.signal }))).toEqual([])
  })

  test("that is too slow for 'disconnect' ends with an error after the queued events", async () => {
    const link = fixture.create()
    const loop = link.subscribe(news, { maxQueued: 2 })[Symbol.asyncIterator]()
    const visit = await fixture.server.visit()
    visit.open().write(message('e-1', 'a') + message('e-2', 'b') + message('e-3', 'c'))
    await visit.closed
    expect(await loop.next()).toMatchObject({ value: { data: 'a' } })
    expect(await loop.next()).toMatchObject({ value: { data: 'b' } })
    await expect(loop.next()).rejects.toMatchObject({
      code: 'too-slow',
    } satisfies Partial<LinkError>)
    expect(await loop.next()).toEqual({ done: true, value: undefined })
  })

  test('removes its listener from the signal when it ends', async () => {
    const { signal } = new AbortController()
    const loop = fixture.create().subscribe(news, { signal })[Symbol.asyncIterator]()
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    await loop.return?.()
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('with maxQueued 0 queues one event', async () => {
    const link = fixture.create()
    const loop = link.subscribe(news, { maxQueued: 0 })[Symbol.asyncIterator]()
    const { next } = read(link)
    ;(await fixture.server.visit()).open().write(message('e-1', 'a'))
    await next()
    expect(await loop.next()).toMatchObject({ value: { data: 'a' } })
    expect(link.status.state).toBe('live')
  })

  test('that waits receives an event directly: only later events are queued', async () => {
    const link = fixture.create()
    const loop = link.subscribe(news, { maxQueued: 1 })[Symbol.asyncIterator]()
    const [first, second] = [loop.next(), loop.next()]
    const visit = await fixture.server.visit()
    visit.open().write(message('e-1', 'a') + message('e-2', 'b') + message('e-3', 'c'))
    expect(await first).toMatchObject({ value: { data: 'a' } })
    expect(await second).toMatchObject({ value: { data: 'b' } })
    expect(await loop.next()).toMatchObject({ value: { data: 'c' } })
    expect(link.status.state).toBe('live')
  })

  test('that starts after its link was closed throws', async () => {
    const link = fixture.create()
    const events = link.subscribe(news)
    link.close()
    await expect(collect(events)).rejects.toMatchObject({ code: 'closed' })
  })

  test("that is too slow for 'conflate' drops the oldest event of the same name, and reports it", async () => {
    const link = fixture.create()
    let dropped = 0
    const events = link.subscribe(ticks, { maxQueued: 2, onDropped: (count) => (dropped += count) })
    const loop = events[Symbol.asyncIterator]()
    const visit = await fixture.server.visit()
    const all = new Promise((resolve) => {
      link.subscribe(ticks, {
        onEvent({ id }) {
          if (id === 'e-4') resolve(id)
        },
      })
    })
    const send = (event: string, id: string): string =>
      encodeEvent({ event: `ticks/${event}`, data: id, id })
    visit.open()
    visit.write(
      send('tock', 'e-1') + send('tick', 'e-2') + send('tick', 'e-3') + send('tick', 'e-4'),
    )
    await all
    expect(dropped).toBe(2)
    expect(await loop.next()).toMatchObject({ value: { id: 'e-1' } })
    expect(await loop.next()).toMatchObject({ value: { id: 'e-4' } })
  })
})
