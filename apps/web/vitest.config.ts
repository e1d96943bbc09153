import { svelte } from '@sveltejs/vite-plugin-svelte'
import { playwright } from '@vitest/browser-playwright'
import { defaultClientConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { launchOptions } from '../../tools/browser.mjs'
import { failOnPrint } from '../../vitest.base.ts'

// All code of the page runs in a browser, so all tests do.
export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ['@downlink/source', ...defaultClientConditions] },
  // A dependency that Vite discovers during the run reloads the tests.
  optimizeDeps: { include: ['uplot', 'vitest-browser-svelte', 'svelte/reactivity', 'valibot'] },
  test: {
    name: 'web',
    include: ['src/**/*.test.ts'],
    onConsoleLog: failOnPrint,
    expect: { poll: { timeout: 4000 } },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      viewport: { width: 1280, height: 900 },
      provider: playwright({
        launchOptions: launchOptions(),
        contextOptions: { reducedMotion: 'reduce' },
      }),
      instances: [{ browser: 'chromium' }],
    },
  },
})
