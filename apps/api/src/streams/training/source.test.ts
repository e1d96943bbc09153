import { instance, pack } from '@downlink/protocol'
import { training } from '@downlink/protocol/streams'
import { expect, test } from 'vitest'
import { createManualClock } from '../../../test/clock.ts'
import { collect } from '../../../test/source.ts'
import { trainingSource } from './source.ts'

test('a run publishes 1,000 progress events and one complete in 25 s', async () => {
  const clock = createManualClock()
  const { events, done } = collect(trainingSource(clock, 20))
  await clock.advance(24_980)
  expect(events).toHaveLength(999)
  await clock.advance(20)
  await done
  expect(events).toHaveLength(1001)
  expect(events.slice(0, 1000).every(([event]) => event === 'progress')).toBe(true)
  expect(events.at(-1)).toEqual(['complete', 'Training complete!'])
})

test('half a second passes before each epoch and 20 ms before each step', async () => {
  const clock = createManualClock()
  const { events, stop } = collect(trainingSource(clock, 20))
  await clock.advance(519)
  expect(events).toHaveLength(0)
  await clock.advance(1)
  expect(events).toHaveLength(1)
  await clock.advance(99 * 20)
  expect(events).toHaveLength(100)
  await clock.advance(519)
  expect(events).toHaveLength(100)
  await clock.advance(1)
  expect(events).toHaveLength(101)
  await stop()
})

test('progress counts within the epoch, and the loss follows the formula', async () => {
  const clock = createManualClock()
  const { events, done } = collect(trainingSource(clock, 20))
  await clock.advance(25_000)
  await done
  const at = (index: number) => events[index]?.[1]
  expect(at(0)).toEqual({ epoch: 1, total_epochs: 10, progress_percent: 1, loss: 1.09 })
  expect(at(99)).toEqual({ epoch: 1, total_epochs: 10, progress_percent: 100, loss: 0.1 })
  expect(at(206)).toEqual({ epoch: 3, total_epochs: 10, progress_percent: 7, loss: 0.41 })
  expect(at(612)).toEqual({ epoch: 7, total_epochs: 10, progress_percent: 13, loss: 0.2243 })
  expect(at(999)).toEqual({ epoch: 10, total_epochs: 10, progress_percent: 100, loss: 0.1 })
})

test('every event of a run matches its contract', async () => {
  const clock = createManualClock()
  const source = trainingSource(clock, 20)
  let packed = 0
  const run = source({
    signal: new AbortController().signal,
    publish(event, data) {
      pack(instance(training, 'x'), event, data)
      packed += 1
    },
  })
  await clock.advance(25_000)
  await run
  expect(packed).toBe(1001)
})

test('an aborted run stops at once', async () => {
  const clock = createManualClock()
  const { events, stop } = collect(trainingSource(clock, 20))
  await clock.advance(1000)
  const before = events.length
  await stop()
  await clock.advance(5000)
  expect(events).toHaveLength(before)
  expect(clock.pendingTimers).toBe(0)
})
