import { svelte } from '@sveltejs/vite-plugin-svelte'
import { playwright } from '@vitest/browser-playwright'
import { defaultClientConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { launchOptions } from '../../tools/browser.mjs'
import { failOnPrint } from '../../vitest.base.ts'

// Everything here is made for a browser, so all of it is tested in one.
export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ['@downlink/source', ...defaultClientConditions] },
  // Found late, a dependency makes the browser load the tests anew in mid-run.
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
