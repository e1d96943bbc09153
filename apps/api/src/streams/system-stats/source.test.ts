import type { SystemLimits } from '@downlink/protocol/streams'
import { describe, expect, test, vi } from 'vitest'
import { createManualClock } from '../../../test/clock.ts'
import { collect } from '../../../test/source.ts'
import type { Reading } from './reading.ts'
import { systemStatsSource } from './source.ts'

const reading = { cpuPercent: 12.3456, totalBytes: 16 * 2 ** 30, availableBytes: 2 ** 32 + 54_321 }

const NO_LIMITS: SystemLimits = { memory_limit_mb: null, cpu_limit_cores: null }

function readers(
  stats: () => Promise<Reading>,
  limits: () => Promise<SystemLimits> = () => Promise.resolve(NO_LIMITS),
) {
  return { stats, limits }
}

function fail(error: unknown): never {
  throw error
}

test('used memory is total minus available, in MB of 2^20 bytes with two decimals', async () => {
  const clock = createManualClock()
  const { events, stop } = collect(
    systemStatsSource(
      clock,
      readers(() => Promise.resolve(reading)),
      fail,
    ),
  )
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

test('reads at once and every second, and not after the end', async () => {
  const clock = createManualClock()
  let readings = 0
  const read = () => Promise.resolve({ ...reading, cpuPercent: ++readings })
  const { stop } = collect(systemStatsSource(clock, readers(read), fail))
  await clock.advance(0)
  expect(readings).toBe(1)
  await clock.advance(10_000)
  expect(readings).toBe(11)
  await stop()
  await clock.advance(10_000)
  expect(readings).toBe(11)
})

test('percentages stay within 0 to 100', async () => {
  const clock = createManualClock()
  const read = () => Promise.resolve({ ...reading, cpuPercent: 100.01 })
  const source = systemStatsSource(clock, readers(read), fail)
  const { events, stop } = collect(source)
  await clock.advance(0)
  expect(events[0]?.[1]).toMatchObject({ cpu_percent: 100 })
  await stop()
})

test.each([
  ['more memory available than there is', { availableBytes: 17 * 2 ** 30 }],
  ['no available memory, as without MemAvailable', { availableBytes: 0 }],
  ['no memory at all', { totalBytes: 0, availableBytes: 0 }],
  ['memory that is NaN', { availableBytes: Number.NaN }],
  ['a load that is NaN', { cpuPercent: Number.NaN }],
  ['an infinite load', { cpuPercent: Infinity }],
])('reports a reading with %s and skips it, and sends the next one', async (_, part) => {
  const clock = createManualClock()
  const readings = [{ ...reading, ...part }, reading]
  const read = () => Promise.resolve(readings.shift() ?? reading)
  const onError = vi.fn()
  const { events, stop } = collect(systemStatsSource(clock, readers(read), onError))
  await clock.advance(0)
  expect(events).toEqual([])
  expect(onError).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ message: expect.stringContaining('Cannot read the') as string }),
    'system-stats',
  )
  await clock.advance(1_000)
  expect(events).toHaveLength(1)
  await stop()
})

test('reports a reading that fails, and continues every second', async () => {
  const clock = createManualClock()
  const failure = new Error('no /proc')
  let readings = 0
  const read = () => (++readings === 2 ? Promise.reject(failure) : Promise.resolve(reading))
  const onError = vi.fn()
  const { events, stop } = collect(systemStatsSource(clock, readers(read), onError))
  await clock.advance(2_000)
  expect(readings).toBe(3)
  expect(events).toHaveLength(2)
  expect(onError).toHaveBeenCalledExactlyOnceWith(failure, 'system-stats')
  await stop()
})

describe('the limits of the server', () => {
  const LIMITS: SystemLimits = { memory_limit_mb: 512, cpu_limit_cores: 1.5 }
  const ALONE: SystemLimits = { memory_limit_mb: 512, cpu_limit_cores: null }

  /** A source that reads the next of these limits each second, and the last one from then on. */
  function source(limits: readonly (SystemLimits | Error)[], onError: (error: unknown) => void) {
    const clock = createManualClock()
    const left = [...limits]
    const read = () => {
      const next = left.length > 1 ? left.shift() : left[0]
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next ?? NO_LIMITS)
    }
    const run = systemStatsSource(
      clock,
      readers(() => Promise.resolve(reading), read),
      onError,
    )
    return { clock, run }
  }

  test('are sent before the first reading, and again only when they change', async () => {
    const { clock, run } = source([LIMITS, LIMITS, ALONE, ALONE, NO_LIMITS], fail)
    const { events, stop } = collect(run)
    await clock.advance(10_000)
    expect(events.map(([event]) => event).slice(0, 3)).toEqual(['limits', 'message', 'message'])
    expect(events.filter(([event]) => event === 'limits').map(([, data]) => data)).toEqual([
      LIMITS,
      ALONE,
      NO_LIMITS,
    ])
    await stop()
  })

  test('are sent at each start of the source, unless no limit applies', async () => {
    const { clock, run } = source([LIMITS], fail)
    for (let start = 0; start < 2; start++) {
      const { events, stop } = collect(run)
      await clock.advance(0)
      expect(events[0]).toEqual(['limits', LIMITS])
      await stop()
    }
    const without = source([NO_LIMITS], fail)
    const { events, stop } = collect(without.run)
    await without.clock.advance(2_000)
    expect(events.map(([event]) => event)).toEqual(['message', 'message', 'message'])
    await stop()
  })

  test('that were removed while the source was stopped are sent as null', async () => {
    const { clock, run } = source([LIMITS, NO_LIMITS], fail)
    const first = collect(run)
    await clock.advance(0)
    await first.stop()
    const { events, stop } = collect(run)
    await clock.advance(0)
    expect(events[0]).toEqual(['limits', NO_LIMITS])
    await stop()
  })

  test('that cannot be read are reported, and the readings continue', async () => {
    const onError = vi.fn()
    const failure = new Error('no cgroup')
    const { clock, run } = source([failure, LIMITS], onError)
    const { events, stop } = collect(run)
    await clock.advance(1_000)
    expect(onError).toHaveBeenCalledExactlyOnceWith(failure, 'system-stats')
    expect(events.map(([event]) => event)).toEqual(['message', 'limits', 'message'])
    await stop()
  })
})
