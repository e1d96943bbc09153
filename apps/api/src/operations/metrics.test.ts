import { expect, test } from 'vitest'
import { startApi } from '../../test/api.ts'

test('the delay of the event loop is measured until the server has closed', async () => {
  const { server } = await startApi()
  const { metrics } = server.services
  /** The delay in seconds after the event loop was blocked for 0.1 s, twice: the first sample begins a measurement. */
  async function delayOfBlocks(): Promise<number> {
    for (let block = 0; block < 2; block++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
    }
    const text = await metrics.text()
    return Number(/^event_loop_delay_seconds\{quantile="0.99"\} (\S+)$/m.exec(text)?.[1])
  }
  expect(await delayOfBlocks()).toBeGreaterThan(0)
  await server.close(0)
  // Removes the samples from before the end.
  await metrics.text()
  expect(await delayOfBlocks()).toBe(0)
})
