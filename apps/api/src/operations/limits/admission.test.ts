import { expect, test } from 'vitest'
import { createAdmission } from './admission.ts'

test('counts open streams in all and per address', () => {
  const admission = createAdmission({ maxStreams: 3, maxStreamsPerAddress: 2 })
  const first = admission.enter('a')
  admission.enter('a')
  expect(admission.enter('a')).toMatchObject({ reason: 'too-many-streams-of-address' })
  admission.enter('b')
  expect(admission.enter('c')).toMatchObject({ reason: 'too-many-streams' })
  expect(admission.open).toBe(3)
  ;(first as () => void)()
  expect(admission.enter('a')).toBeTypeOf('function')
  expect(admission.enter('c')).toMatchObject({ reason: 'too-many-streams' })
})

test('a stream that leaves twice counts once', () => {
  const admission = createAdmission({ maxStreams: 2, maxStreamsPerAddress: 2 })
  const leave = admission.enter('a') as () => void
  admission.enter('a')
  leave()
  leave()
  expect(admission.open).toBe(1)
})

test('refuses all streams while draining', () => {
  const admission = createAdmission({ maxStreams: 2, maxStreamsPerAddress: 2 })
  admission.drain()
  expect(admission.enter('a')).toMatchObject({ reason: 'draining' })
})
