import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** The settings every Node project's tests share: source instead of dist, and a test that prints fails. */
export function nodeProject(name: string): ViteUserConfig {
  return defineConfig({
    ssr: { resolve: { conditions: ['@downlink/source'] } },
    test: {
      name,
      include: ['src/**/*.test.ts'],
      environment: 'node',
      onConsoleLog: failOnPrint,
      // Vitest's defaults of 5 s and 1 s fail on a busy machine. No test depends on these limits.
      testTimeout: 30_000,
      expect: { poll: { timeout: 10_000 } },
    },
  })
}

/** A test that prints fails, because unexpected output is easily overlooked. */
export function failOnPrint(text: string): never {
  throw new Error(`A test printed: ${text.trim()}. Assert on it instead, or inject a logger.`)
}
