import { defineConfig } from '@playwright/test'
import { launchOptions } from '../../tools/browser.mjs'

export default defineConfig({
  testDir: 'tests',
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env.CI !== undefined,
  timeout: 30_000,
  reporter: [['list'], ['json', { outputFile: 'test-results/report.json' }]],
  use: { browserName: 'chromium', launchOptions: launchOptions(), reducedMotion: 'reduce' },
})
