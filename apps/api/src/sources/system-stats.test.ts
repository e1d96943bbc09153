import { expect, test } from 'vitest'
import { createManualClock } from '../clock.fixture.ts'
import { collect } from './source.fixture.ts'
import { systemStatsSource } from './system-stats.ts'

const reading = { cpuPercent: 12.3456, totalBytes: 16 * 2 ** 30, availableBytes: 2 ** 32 + 54_321 }

test('used is what is not available, in MB of 2^20 bytes with two decimals', async () => {
  const clock = createManualClock()
  const { events, stop } = collect(systemStatsSource(clock, () => Promise.resolve(reading)))
  await clock.advance(0)
  expect(events).toEqual([
    [
      'message',
      {
        cpu_percent: 12.35,
        memory_percent: 75,
        memory_used_mb: 12_287.95,
        memory_total_mb: 16_384,
      },
    ],
  ])
  await stop()
})

test('one reading at once and one every second, none after the end', async () => {
  const clock = createManualClock()
  let readings = 0
  const read = () => Promise.resolve({ ...reading, cpuPercent: ++readings })
  const { stop } = collect(systemStatsSource(clock, read))
  await clock.advance(0)
  expect(readings).toBe(1)
  await clock.advance(10_000)
  expect(readings).toBe(11)
  await stop()
  await clock.advance(10_000)
  expect(readings).toBe(11)
})

test('percentages stay within their scale', async () => {
  const clock = createManualClock()
  const source = systemStatsSource(clock, () => Promise.resolve({ ...reading, cpuPercent: 100.01 }))
  const { events, stop } = collect(source)
  await clock.advance(0)
  expect(events[0]?.[1]).toMatchObject({ cpu_percent: 100 })
  await stop()
})
