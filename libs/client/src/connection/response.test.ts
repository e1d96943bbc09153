import { describe, expect, test, vi } from 'vitest'
import { message, read, ticks, until, useLinks } from '../../test/link-fixture.ts'
import type { WireFrame } from './wire-frames.ts'

const fixture = useLinks()

function answer(body: BodyInit | null): Response {
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

/** A body without end, and whether it was canceled. */
function endless(): { body: ReadableStream<Uint8Array>; canceled: Promise<void> } {
  let cancel: (() => void) | undefined
  const canceled = new Promise<void>((resolve) => (cancel = resolve))
  return { body: new ReadableStream({ cancel: () => cancel?.() }), canceled }
}

describe('a body that cannot be read fails the link at once', () => {
  test.each([
    [
      'that is missing, as in React Native',
      () => Object.defineProperty(answer('data: a\n\n'), 'body', { value: undefined }),
      /expo\/fetch/,
    ],
    ['that is null', () => answer(null), /expo\/fetch/],
    [
      'that is no stream',
      () => Object.defineProperty(answer(''), 'body', { value: { pipe: () => undefined } }),
      /expo\/fetch/,
    ],
    [
      'that something else is reading',
      () => {
        const response = answer(endless().body)
        response.body?.getReader()
        return response
      },
      /nothing else reads/,
    ],
    [
      'that was read',
      async () => {
        const response = answer('data: a\n\n')
        const reader = response.body?.getReader()
        await reader?.read()
        reader?.releaseLock()
        return response
      },
      /nothing else reads/,
    ],
  ])('%s', async (_name, make, text) => {
    const asked = vi.fn(() => Promise.resolve<Response>(make()))
    const link = fixture.create({ fetch: asked })
    read(link)
    const { error } = await until(link, 'failed')
    expect(error).toMatchObject({ code: 'unreadable-body', status: 200 })
    expect(error.message).toMatch(text)
    expect(fixture.clock.pending()).toEqual([])
    expect(asked).toHaveBeenCalledOnce()
  })
})

describe('a fetch that the link did not abort itself fails the link', () => {
  const stopped = new DOMException('The operation was aborted.', 'AbortError')
  test.each([
    ['before the response', () => Promise.reject(stopped)],
    [
      'in its body',
      () =>
        Promise.resolve(
          answer(new ReadableStream({ start: (controller) => controller.error(stopped) })),
        ),
    ],
  ])('%s', async (_name, fetch) => {
    const link = fixture.create({ fetch })
    read(link)
    const { error } = await until(link, 'failed')
    expect(error).toMatchObject({ code: 'aborted', cause: stopped })
    expect(error.message).toContain('Call retryNow()')
    expect(fixture.clock.pending()).toEqual([])
  })
})

describe('where a custom fetch ignores its signal', () => {
  test('the response to a request that was replaced is let go, and nothing of it is read', async () => {
    const late = endless()
    const answers: ((response: Response) => void)[] = []
    const link = fixture.create({ fetch: () => new Promise((resolve) => answers.push(resolve)) })
    const { next, all } = read(link)
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    link.subscribe(ticks, { onEvent: () => undefined })
    await vi.waitFor(() => expect(answers).toHaveLength(2))
    answers[0]?.(answer(late.body))
    await late.canceled
    answers[1]?.(answer(message('e-1', 'a')))
    await next()
    expect(all).toHaveLength(1)
    expect(link.status.state).not.toBe('failed')
  })

  test('closing the link cancels the body that it reads', async () => {
    const { body, canceled } = endless()
    const link = fixture.create({ fetch: () => Promise.resolve(answer(body)) })
    read(link)
    await until(link, 'live')
    link.close()
    await canceled
  })
})

test('onFrame gets a frame without end in pieces, so that what waits for its end is bounded', async () => {
  const frames: WireFrame[] = []
  const link = fixture.create({ onFrame: (frame) => frames.push(frame) })
  read(link)
  const visit = await fixture.server.visit()
  visit.open()
  for (let i = 0; i < 4; i++) visit.write(`data: ${'x'.repeat(40_000)}\n`)
  await vi.waitFor(() => expect(frames.length).toBeGreaterThan(0))
  expect(frames[0]?.text.length).toBeGreaterThan(65_536)
  expect(frames[0]?.text).not.toMatch(/\n\n$/)
})
