import { mergeConfig } from 'vitest/config'
import { nodeProject } from '../../vitest.base.ts'

// Tests that drive a browser wait for whole processes to start.
export default mergeConfig(nodeProject('client'), {
  test: { testTimeout: 20_000, hookTimeout: 30_000 },
})
