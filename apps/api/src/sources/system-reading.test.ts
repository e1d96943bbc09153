import { expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { createSystemReader } from './system-reading.ts'

test('this machine reports a load within its scale and less memory available than there is', async () => {
  const { cpuPercent, totalBytes, availableBytes } = await createSystemReader(systemClock)()
  expect(cpuPercent).toBeGreaterThanOrEqual(0)
  expect(cpuPercent).toBeLessThanOrEqual(100)
  expect(availableBytes).toBeGreaterThan(0)
  expect(availableBytes).toBeLessThan(totalBytes)
})
