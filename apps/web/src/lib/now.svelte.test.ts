import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Now } from './now.svelte.ts'
import { createFrame } from './frame.ts'
import { Live } from './live.svelte.ts'

let hidden = false

beforeEach(() => {
  hidden = false
  vi.useFakeTimers({ now: 1000, toFake: ['Date', 'setInterval', 'clearInterval'] })
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('the time goes on while something reads it, and stands still in a hidden tab', async () => {
  const now = new Now()
  const seen: number[] = []
  const stop = $effect.root(() => {
    $effect(() => {
      seen.push(now.current)
    })
  })
  await vi.advanceTimersByTimeAsync(2000)
  expect(seen).toEqual([1000, 2000, 3000])
  hidden = true
  await vi.advanceTimersByTimeAsync(5000)
  expect(seen).toHaveLength(3)
  hidden = false
  document.dispatchEvent(new Event('visibilitychange'))
  await vi.advanceTimersByTimeAsync(0)
  expect(seen.at(-1)).toBe(8000)
  stop()
  await vi.advanceTimersByTimeAsync(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('however much comes between two frames, it is looked at once', () => {
  const frames: (() => void)[] = []
  const frame = createFrame((callback) => void frames.push(callback))
  let looks = 0
  const live = new Live(() => (looks += 1), frame)
  for (let i = 0; i < 1000; i += 1) live.touch(i)
  expect(looks).toBe(1)
  expect(frames).toHaveLength(1)
  frames[0]?.()
  expect(looks).toBe(2)
  expect(live.lastAt).toBe(999)
})

test('what comes during a pause is counted and shown after it', () => {
  const frames: (() => void)[] = []
  const frame = createFrame((callback) => void frames.push(callback))
  let value = 'before'
  const live = new Live(() => value, frame)
  live.freeze(5)
  value = 'after'
  for (let i = 0; i < 14; i += 1) live.touch(i)
  frames.shift()?.()
  expect(live.current).toBe('before')
  expect(live.pause).toEqual({ at: 5, unseen: 14 })
  live.resume()
  expect(live.current).toBe('after')
})
