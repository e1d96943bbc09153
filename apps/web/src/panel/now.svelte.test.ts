import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createFrameScheduler } from './frames.ts'
import { LiveView } from './live-view.svelte.ts'
import { Now } from './now.svelte.ts'

beforeEach(
  () => void vi.useFakeTimers({ now: 1000, toFake: ['Date', 'setTimeout', 'clearTimeout'] }),
)
afterEach(() => void vi.useRealTimers())

/** A scheduler whose frames are drawn when the test calls `draw`. */
function manualFrames() {
  const requested: (() => void)[] = []
  const scheduler = createFrameScheduler((callback) => void requested.push(callback))
  return { scheduler, requested, draw: () => requested.shift()?.() }
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

test('the time advances while something reads it, and stands still in a hidden tab without frames', async () => {
  const { scheduler, draw } = manualFrames()
  const { seen, stop } = readings(new Now(scheduler))
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

test('the time advances with frames that are drawn for data, and then requests none of its own', async () => {
  const { scheduler, draw } = manualFrames()
  const { seen, stop } = readings(new Now(scheduler))
  await vi.advanceTimersByTimeAsync(0)
  for (let second = 0; second < 3; second += 1) {
    await vi.advanceTimersByTimeAsync(990)
    scheduler.request(() => undefined)
    draw()
  }
  await vi.advanceTimersByTimeAsync(0)
  expect(seen).toEqual([1000, 1990, 2980, 3970])
  draw()
  await vi.advanceTimersByTimeAsync(0)
  expect(seen).toHaveLength(4)
  stop()
})

test('a view takes one snapshot per frame, however many events are received', () => {
  const { scheduler, requested, draw } = manualFrames()
  let snapshots = 0
  const live = new LiveView(() => (snapshots += 1), scheduler)
  for (let i = 0; i < 1000; i += 1) live.update(i)
  expect(snapshots).toBe(1)
  expect(requested).toHaveLength(1)
  draw()
  expect(snapshots).toBe(2)
  expect(live.lastAt).toBe(999)
})

test('a paused view counts events and shows them after the pause', () => {
  const { scheduler, draw } = manualFrames()
  let value = 'before'
  const live = new LiveView(() => value, scheduler)
  live.freeze(5)
  value = 'after'
  for (let i = 0; i < 14; i += 1) live.update(i)
  draw()
  expect(live.current).toBe('before')
  expect(live.pause).toEqual({ at: 5, unseen: 14 })
  live.resume()
  expect(live.current).toBe('after')
})
