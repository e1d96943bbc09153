import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Now } from './now.svelte.ts'
import { createFrame } from './frame.ts'
import { Live } from './live.svelte.ts'

beforeEach(
  () => void vi.useFakeTimers({ now: 1000, toFake: ['Date', 'setTimeout', 'clearTimeout'] }),
)
afterEach(() => void vi.useRealTimers())

/** A frame that is drawn when the test says so, as if the browser had been asked. */
function frameByHand() {
  const asked: (() => void)[] = []
  const frame = createFrame((callback) => void asked.push(callback))
  return { frame, draw: () => asked.shift()?.() }
}

function readings(now: Now) {
  const seen: number[] = []
  const stop = $effect.root(() => {
    $effect(() => {
      seen.push(now.current)
    })
  })
  return { seen, stop }
}

test('the time goes on while something reads it, and stands still in a hidden tab, which has no frames', async () => {
  const { frame, draw } = frameByHand()
  const { seen, stop } = readings(new Now(undefined, frame))
  for (let second = 0; second < 2; second += 1) {
    await vi.advanceTimersByTimeAsync(1000)
    draw()
  }
  await vi.advanceTimersByTimeAsync(5000)
  expect(seen).toEqual([1000, 2000, 3000])
  draw()
  await vi.advanceTimersByTimeAsync(0)
  expect(seen.at(-1)).toBe(8000)
  stop()
  await vi.advanceTimersByTimeAsync(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('the time goes along with a frame that is drawn for something else, and has none of its own then', async () => {
  const { frame, draw } = frameByHand()
  const { seen, stop } = readings(new Now(undefined, frame))
  await vi.advanceTimersByTimeAsync(0)
  for (let second = 0; second < 3; second += 1) {
    await vi.advanceTimersByTimeAsync(990)
    frame.ask(() => undefined)
    draw()
  }
  await vi.advanceTimersByTimeAsync(0)
  expect(seen).toEqual([1000, 1990, 2980, 3970])
  draw()
  await vi.advanceTimersByTimeAsync(0)
  expect(seen).toHaveLength(4)
  stop()
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
