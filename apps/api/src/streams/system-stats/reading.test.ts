import { expect, test } from 'vitest'
import { createManualClock } from '../../../test/clock.ts'
import { systemClock } from '../../clock.ts'
import { createSystemReader } from './reading.ts'

test('reads a load from 0 to 100 and less available than total memory on this machine', async () => {
  const { cpuPercent, totalBytes, availableBytes } = await createSystemReader(systemClock)()
  expect(cpuPercent).toBeGreaterThanOrEqual(0)
  expect(cpuPercent).toBeLessThanOrEqual(100)
  expect(availableBytes).toBeGreaterThan(0)
  expect(availableBytes).toBeLessThan(totalBytes)
})

test('uses free memory and caches in a container that shows the available memory of its host', async () => {
  const machine = {
    currentLoad: () => Promise.resolve({ currentLoad: 7 }),
    mem: () => Promise.resolve({ total: 1_000, available: 64_000, free: 300, buffcache: 200 }),
  }
  const clock = createManualClock()
  const read = createSystemReader(clock, machine)()
  await clock.advance(250)
  expect(await read).toEqual({ cpuPercent: 7, totalBytes: 1_000, availableBytes: 500 })
})
