import { encodeComment } from '@downlink/protocol/sse'
import { expect, test, vi } from 'vitest'
import { message, read, useLinks } from '../../test/link.ts'
import type { WireFrame } from './wire-frames.ts'

const fixture = useLinks()

test('onFrame receives the wire text: events, comments and retry lines, with bytes and times', async () => {
  const frames: WireFrame[] = []
  const link = fixture.create({ onFrame: (frame) => frames.push(frame) })
  const { next } = read(link)
  const visit = await fixture.server.visit()
  const wire = [encodeComment('beat'), 'retry: 2000\n\n', message('e-1', 'ö'), 'data: crlf\r\n\r\n']
  visit.open()
  for (const byte of Buffer.from(wire.join(''))) visit.write(Uint8Array.of(byte))
  visit.write(message('e-2', 'end'))
  await next()
  await next()
  expect(frames.map(({ text }) => text)).toEqual([...wire, message('e-2', 'end')])
  expect(frames.map(({ bytes }) => bytes)).toEqual(
    [...wire, message('e-2', 'end')].map((text) => Buffer.byteLength(text)),
  )
  expect(new Set(frames.map(({ receivedAt }) => receivedAt))).toEqual(
    new Set([fixture.clock.dateMs()]),
  )
})

test('onFrame receives a frame without end in pieces, so that the pending text is bounded', async () => {
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
