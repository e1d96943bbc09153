import { expect, test } from 'vitest'
import {
  control,
  hello,
  message,
  news,
  read,
  refused,
  ticks,
  untilAttempt,
  useLinks,
} from '../../test/link.ts'
import type { LinkError } from '../errors.ts'

const fixture = useLinks()

/** Resolves with the error that ends a subscription. */
function untilRefused(
  subscribe: (onError: (error: LinkError) => void) => void,
): Promise<LinkError> {
  return new Promise(subscribe)
}

test.each(['unknown', 'forbidden', 'of-a-later-version'])(
  'a topic that is refused as %s fails only its subscriptions, and is not requested again',
  async (reason) => {
    const link = fixture.create()
    const { next } = read(link)
    const error = untilRefused((onError) => link.subscribe(ticks, { onEvent: fail, onError }))
    const loop = link.subscribe(ticks)[Symbol.asyncIterator]()
    const looped = expect(loop.next()).rejects.toMatchObject({ code: 'refused', reason })
    const first = await fixture.server.visit()
    expect(first.url.searchParams.getAll('topic')).toEqual(['news', 'ticks'])
    first.open().write(hello('fresh') + refused('ticks', reason) + message('e-1', 'a'))
    expect(await error).toMatchObject({
      name: 'LinkError',
      code: 'refused',
      topic: 'ticks',
      reason,
    })
    expect((await error).message).toContain('ticks')
    await looped
    expect(await next()).toMatchObject({ data: 'a' })
    first.write(message('e-2', 'b'))
    expect(await next()).toMatchObject({ data: 'b' })
    expect(link.status.state).toBe('live')
    expect(fixture.server.visits).toHaveLength(1)

    first.cut()
    await untilAttempt(link, 1)
    fixture.clock.advance(1_000)
    const second = await fixture.server.visit()
    expect(second.url.searchParams.getAll('topic')).toEqual(['news'])
    expect(second.url.searchParams.getAll('added')).toEqual([])
  },
)

test('a later subscription to a refused topic requests it again from its start', async () => {
  const link = fixture.create()
  const { next } = read(link)
  const error = untilRefused((onError) => link.subscribe(ticks, { onEvent: fail, onError }))
  const first = await fixture.server.visit()
  first.open().write(hello('fresh') + refused('ticks', 'unknown') + message('e-1', 'a'))
  await error
  await next()
  const got = new Promise((resolve) => link.subscribe(ticks, { onEvent: resolve }))
  const second = await fixture.server.visit()
  expect(second.url.searchParams.getAll('topic')).toEqual(['news', 'ticks'])
  expect(second.url.searchParams.getAll('added')).toEqual(['ticks'])
  second.open().write(`${hello('resumed')}event: ticks/tick\nid: e-2\ndata: now\n\n`)
  expect(await got).toMatchObject({ data: 'now' })
})

test('a subscription made in onError requests the topic again, and the refusal does not fail it', async () => {
  const link = fixture.create()
  read(link)
  const got = new Promise((resolve) => {
    link.subscribe(ticks, {
      onEvent: fail,
      onError: () => link.subscribe(ticks, { onEvent: resolve, onError: fail }),
    })
  })
  ;(await fixture.server.visit()).open().write(hello('fresh') + refused('ticks', 'unknown'))
  const second = await fixture.server.visit()
  expect(second.url.searchParams.getAll('topic')).toEqual(['news', 'ticks'])
  second.open().write(`${hello('fresh')}event: ticks/tick\nid: e-2\ndata: now\n\n`)
  expect(await got).toMatchObject({ data: 'now' })
})

test('a refusal without onError is reported like an exception in a callback', async () => {
  const reported = new Promise((resolve) => {
    const link = fixture.create({ onCallbackError: resolve })
    read(link)
    link.subscribe(ticks, { onEvent: fail })
  })
  ;(await fixture.server.visit()).open().write(hello('fresh') + refused('ticks', 'unknown'))
  expect(await reported).toMatchObject({ code: 'refused', topic: 'ticks', reason: 'unknown' })
})

test.each([
  ['of a topic without subscriptions', { topic: 'other', reason: 'unknown' }],
  ['without a topic', { reason: 'unknown' }],
  ['without a reason', { topic: 'news' }],
  ['that is not an object', 'news'],
])('a refusal %s changes nothing', async (_name, data) => {
  const link = fixture.create()
  const got = new Promise((resolve) => link.subscribe(news, { onEvent: resolve, onError: fail }))
  const visit = await fixture.server.visit()
  visit.open().write(hello('fresh') + control('refused', data) + message('e-1', 'a'))
  expect(await got).toMatchObject({ data: 'a' })
  expect(fixture.server.visits).toHaveLength(1)
})

function fail(): never {
  throw new Error('This must not be called.')
}
