import { encodeEvent } from '@downlink/protocol/sse'
import { expect, test, vi } from 'vitest'
import { hello, message, news, read, useLinks } from '../../test/link.ts'

const fixture = useLinks()

test('reports an exception in a callback and calls the other callbacks', async () => {
  const thrown: unknown[] = []
  const link = fixture.create({ onCallbackError: (error) => thrown.push(error) })
  const errors = ['event', 'invalid', 'resume', 'dropped', 'status'].map((text) => new Error(text))
  const fail = (index: number) => (): void => {
    throw errors[index] as Error
  }
  link.onStatus((status) => {
    if (status.state === 'live') fail(4)()
  })
  link.subscribe(news, {
    onEvent: fail(0),
    onInvalid: fail(1),
    onResume: fail(2),
    onDropped: fail(3),
  })
  const { next } = read(link)
  const visit = await fixture.server.visit()
  visit.open().write(hello('fresh'))
  visit.write(encodeEvent({ event: 'downlink.dropped', data: '{"topic":"news","count":2}' }))
  visit.write(encodeEvent({ event: 'news/flash', data: '1', id: 'e-1' }))
  visit.write(message('e-2', 'a'))
  expect(await next()).toMatchObject({ data: 'a' })
  expect(thrown).toEqual([errors[4], errors[2], errors[3], errors[1], errors[0]])
})

test('logs an exception in onCallbackError and continues', async () => {
  const thrown: unknown[] = []
  const console = vi.spyOn(globalThis.console, 'error').mockImplementation((error) => {
    thrown.push(error)
  })
  const failure = new Error('report')
  const link = fixture.create({
    onCallbackError: () => {
      throw failure
    },
  })
  link.subscribe(news, {
    onEvent: () => {
      throw new Error('event')
    },
  })
  const { next } = read(link)
  ;(await fixture.server.visit()).open().write(message('e-1', 'a') + message('e-2', 'b'))
  expect([await next(), await next()]).toMatchObject([{ data: 'a' }, { data: 'b' }])
  expect(thrown).toEqual([failure, failure])
  console.mockRestore()
})

test('a status listener that another listener removes is not called any more', () => {
  const link = fixture.create()
  const calls: string[] = []
  link.onStatus(() => {
    calls.push('first')
    removeSecond()
  })
  const removeSecond = link.onStatus(() => calls.push('second'))
  link.close()
  expect(calls).toEqual(['first'])
})
