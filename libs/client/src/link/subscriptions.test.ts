import { encodeEvent } from '@downlink/protocol/sse'
import { describe, expect, test, vi } from 'vitest'
import {
  hello,
  message,
  news,
  progress,
  read,
  run,
  ticks,
  until,
  untilAttempt,
  useLinks,
} from '../../test/link.ts'

const fixture = useLinks()

describe('subscriptions', () => {
  test('share one connection, each with its typed events', async () => {
    const link = fixture.create()
    const got: unknown[] = []
    const all = new Promise<void>((resolve) => {
      const take = (event: unknown): void => {
        if (got.push(event) === 3) resolve()
      }
      link.subscribe(news, { onEvent: take })
      link.subscribe(ticks, { onEvent: take })
    })
    const visit = await fixture.server.visit()
    visit.open()
    visit.write(message('e-1', 'hello'))
    visit.write(encodeEvent({ event: 'ticks/tick', data: '12:00', id: 'e-2' }))
    visit.write(encodeEvent({ event: 'news/flash', data: '"now"', id: 'e-3' }))
    await all
    expect(visit.url.searchParams.getAll('topic')).toEqual(['news', 'ticks'])
    expect(got).toEqual([
      { event: 'message', data: 'hello', id: 'e-1' },
      { event: 'tick', data: '12:00', id: 'e-2' },
      { event: 'flash', data: 'now', id: 'e-3' },
    ])
    expect(link.lastEventId).toBe('e-3')
    expect(fixture.server.visits).toHaveLength(1)
  })

  test('open the connection with the first and close it after the last', async () => {
    const link = fixture.create()
    expect(link.status).toEqual({ state: 'idle' })
    const one = link.subscribe(news, { onEvent: () => undefined })
    const two = link.subscribe(news, { onEvent: () => undefined })
    const visit = await fixture.server.visit()
    visit.open()
    await until(link, 'live')
    one()
    one()
    two()
    await visit.closed
    expect(link.status).toEqual({ state: 'idle' })
    expect(fixture.clock.pending()).toEqual([])
    expect(fixture.server.visits).toHaveLength(1)
  })

  test('changed in the same tick share one reconnect, with the last event ID', async () => {
    const link = fixture.create()
    const { next } = read(link)
    const first = await fixture.server.visit()
    first.open().write(message('e-1', 'a'))
    await next()
    link.subscribe(ticks, { onEvent: () => undefined })
    const leave = link.subscribe(run, { onEvent: () => undefined })
    leave()
    const second = await fixture.server.visit()
    await first.closed
    expect(second.url.searchParams.getAll('topic')).toEqual(['news', 'ticks'])
    expect(second.request.headers['last-event-id']).toBe('e-1')
    second.open().write(message('e-2', 'b'))
    expect(await next()).toMatchObject({ data: 'b' })
    expect(fixture.server.visits).toHaveLength(2)
  })

  test('a topic that is added is read from its start, even if the connection breaks, while the others resume', async () => {
    const link = fixture.create()
    const { next, all } = read(link)
    const first = await fixture.server.visit()
    expect(first.url.searchParams.getAll('added')).toEqual([])
    first.open().write(hello('fresh') + message('e-1', 'a') + message('e-5', 'b'))
    await next()
    await next()

    const steps: string[] = []
    const waiting: (() => void)[] = []
    const reached = (count: number): Promise<void> =>
      steps.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))
    link.subscribe(run, {
      onEvent({ data }) {
        steps.push(data)
        waiting.shift()?.()
      },
    })
    const second = await fixture.server.visit()
    expect(second.url.searchParams.getAll('topic')).toEqual(['news', 'run/1'])
    expect(second.url.searchParams.getAll('added')).toEqual(['run/1'])
    expect(second.request.headers['last-event-id']).toBe('e-5')
    second.open().write(`id: e-1\n${hello('resumed')}${progress('e-2')}`)
    await reached(1)
    const reconnecting = until(link, 'reconnecting')
    second.cut()
    await reconnecting
    fixture.clock.advance(1_000)

    const third = await fixture.server.visit()
    expect(third.url.searchParams.getAll('added')).toEqual([])
    expect(third.request.headers['last-event-id']).toBe('e-2')
    third.open().write(hello('resumed') + progress('e-3') + progress('e-4'))
    third.write(message('e-5', 'b') + message('e-6', 'c'))
    await next()
    expect(steps).toEqual(['e-2', 'e-3', 'e-4'])
    expect(all.map(({ id }) => id)).toEqual(['e-1', 'e-5', 'e-6'])
  })

  test('a subscription after the last one ended starts fresh', async () => {
    const link = fixture.create()
    const leave = link.subscribe(news, { onEvent: () => undefined })
    const first = await fixture.server.visit()
    first.open().write(message('e-7', 'a'))
    await vi.waitFor(() => expect(link.lastEventId).toBe('e-7'))
    leave()
    await until(link, 'idle')
    const { next } = read(link)
    const second = await fixture.server.visit()
    expect(second.request.headers['last-event-id']).toBeUndefined()
    second.open().write(message('e-1', 'its history'))
    expect(await next()).toMatchObject({ data: 'its history' })
  })

  test('a topic is requested as added until a connection that requested it receives hello', async () => {
    const link = fixture.create({ lastEventId: 'e-5', lastEventIdIn: 'query' })
    read(link)
    const first = await fixture.server.visit()
    // The last event ID of the options belongs to the first topics.
    expect(first.url.searchParams.getAll('added')).toEqual([])
    link.subscribe(ticks, { onEvent: () => undefined })
    for (const attempt of [1, 2]) {
      const visit = await fixture.server.visit()
      expect(visit.url.searchParams.getAll('added')).toEqual(['ticks'])
      visit.cut()
      await untilAttempt(link, attempt)
      fixture.clock.advance(2_000)
    }
  })

  test('removed and added again in the same tick cause no request', async () => {
    const link = fixture.create()
    const leave = link.subscribe(ticks, { onEvent: () => undefined })
    const { next } = read(link)
    const visit = await fixture.server.visit()
    visit.open().write(message('e-1', 'a'))
    await next()
    leave()
    link.subscribe(ticks, { onEvent: () => undefined })
    visit.write(message('e-2', 'b'))
    await next()
    expect(fixture.server.visits).toHaveLength(1)
  })

  test('an invalid event is reported with its reason, and the stream continues', async () => {
    const link = fixture.create()
    const failures: unknown[] = []
    const valid = new Promise((resolve) => {
      link.subscribe(news, { onEvent: resolve, onInvalid: (failure) => failures.push(failure) })
    })
    const visit = await fixture.server.visit()
    visit.open().write(encodeEvent({ event: 'news/flash', data: '1', id: 'e-1' }))
    visit.write(encodeEvent({ event: 'news/other', data: '1', id: 'e-2' }))
    visit.write(message('e-3', 'ok'))
    expect(await valid).toMatchObject({ id: 'e-3' })
    expect(failures).toMatchObject([
      { code: 'invalid-data', topic: 'news', event: 'flash', reason: 'expected a string' },
      { code: 'unknown-event', topic: 'news', event: 'other' },
    ])
  })

  test('receive resume outcomes, and the dropped counts of their topic', async () => {
    const link = fixture.create()
    const told: unknown[] = []
    link.subscribe(news, {
      onEvent: () => undefined,
      onResume: (outcome) => told.push(['news', outcome]),
      onDropped: (count) => told.push(['news', count]),
    })
    const done = new Promise((resolve) => {
      link.subscribe(ticks, {
        onEvent: resolve,
        onResume: (outcome) => told.push(['ticks', outcome]),
        onDropped: (count) => told.push(['ticks', count]),
      })
    })
    const visit = await fixture.server.visit()
    visit.open().write(hello('gap'))
    visit.write(encodeEvent({ event: 'downlink.dropped', data: '{"topic":"ticks","count":7}' }))
    visit.write(encodeEvent({ event: 'downlink.later', data: 'of a later version' }))
    visit.write(encodeEvent({ event: 'downlink.hello', data: '{"broken":true}' }))
    visit.write(encodeEvent({ event: 'ticks/tick', data: 'x', id: 'e-9' }))
    await done
    expect(told).toEqual([
      ['news', 'gap'],
      ['ticks', 'gap'],
      ['ticks', 7],
    ])
  })

  test('a final event ends the stream, and its topic is not requested again', async () => {
    const link = fixture.create()
    const calls: string[] = []
    const { next } = read(link)
    link.subscribe(run, {
      onEvent: ({ event }) => calls.push(event),
      onEnd: () => calls.push('end'),
    })
    const first = await fixture.server.visit()
    first.open().write(encodeEvent({ event: 'run/1/progress', data: '1', id: 'e-1' }))
    first.write(encodeEvent({ event: 'run/1/complete', data: 'done', id: 'e-2' }))
    first.write(encodeEvent({ event: 'run/1/progress', data: 'late', id: 'e-3' }))
    const second = await fixture.server.visit()
    expect(calls).toEqual(['progress', 'complete', 'end'])
    expect(second.url.searchParams.getAll('topic')).toEqual(['news'])
    second.open().write(message('e-4', 'on'))
    expect(await next()).toMatchObject({ data: 'on' })
  })
})
