// Takes screenshots of the built page in every state, theme and width, on a scripted API and with a controlled clock:
// node scripts/screenshots.mjs [folder]. Also updates docs/dashboard.png.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { launchBrowser } from './browser.mjs'
import { startScriptedApi } from './scripted-api.mjs'

const folder = process.argv[2] ?? 'screenshots'
const docs = fileURLToPath(new URL('../../../docs/dashboard.png', import.meta.url))
const START = new Date(2026, 10, 22, 14, 22, 30).getTime()
const STEPS_PER_SECOND = 38
const JITTER_MS = [3, -2, 5, -4, 8, -9, 2, 1, -4, 6, -6]
/** How far the server's clock is ahead. */
const AHEAD_MS = 12

/** @typedef {import('playwright').Page} Page */
/** @typedef {Awaited<ReturnType<typeof startScriptedApi>>} Api */
/** @typedef {{ page: Page, api: Api, pass: (seconds: number) => Promise<void>, startRun: () => Promise<void> }} Scene */

const browser = await launchBrowser()
await mkdir(folder, { recursive: true })

for (const theme of /** @type {const} */ (['light', 'dark'])) {
  await shoot(`page-${theme}`, { theme }, fullPage)
  await shoot(`drawer-${theme}`, { theme, fullPage: false }, async (scene) => {
    await playFourMinutes(scene)
    await scene.page.keyboard.press('e')
    await scene.pass(2)
    await scene.page.getByRole('option').filter({ hasText: 'system-stats' }).first().click()
  })
  await shoot(`settings-${theme}`, { theme }, async ({ page, pass }) => {
    await pass(3)
    await page.keyboard.press('?')
    await pass(1)
  })
  for (const [name, scene] of Object.entries(states()))
    await shoot(`state-${name}-${theme}`, { theme }, scene)
}
for (const width of [390, 320]) {
  await shoot(`page-${width}`, { width }, fullPage)
  await shoot(`drawer-${width}`, { width, fullPage: false }, async (scene) => {
    await scene.pass(10)
    await scene.page.getByRole('button', { name: 'Events' }).click()
    await scene.pass(2)
  })
}
await shoot('docs', { path: docs }, fullPage)
await browser.close()

/** Four minutes of events, an outage in which one tick is lost, and 40 more seconds. @param {Scene} scene */
async function playFourMinutes({ api, page, pass }) {
  await pass(230)
  api.script.events = 'drop'
  api.cut()
  for (let second = 0; second < 4; second += 1) {
    await settle(page)
    if (second !== 2) api.tick(await page.evaluate(() => Date.now()))
    await page.clock.runFor(1000)
  }
  api.script.events = 'stream'
  await page.keyboard.press('r')
  await connected(api, page)
  await pass(40)
}

/** With a training run that is a third done. @param {Scene} scene */
async function fullPage(scene) {
  await playFourMinutes(scene)
  await scene.startRun()
  await scene.pass(9)
}

/** Scenes for the nine states of a panel. @returns {Record<string, (scene: Scene) => Promise<void>>} */
function states() {
  return {
    connecting: async ({ api, page }) => {
      api.script.events = 'hang'
      await page.reload()
      await page.clock.runFor(1200)
      await settle(page)
      await page.clock.runFor(1200)
      await settle(page)
    },
    live: async ({ pass }) => pass(70),
    stale: async ({ page, pass }) => {
      await pass(70)
      await page.clock.runFor(6500)
    },
    reconnecting: async ({ api, page, pass, startRun }) => {
      await pass(60)
      await startRun()
      await pass(6)
      api.script.events = 'drop'
      api.cut()
      for (let tries = 0; tries < 6; tries += 1) {
        await settle(page)
        await page.clock.runFor(1500)
      }
    },
    offline: async ({ api, page, pass }) => {
      await pass(70)
      await page.context().setOffline(true)
      api.cut()
      await settle(page)
      await page.clock.runFor(2000)
    },
    ended: async ({ api, page, pass, startRun }) => {
      await pass(30)
      await startRun()
      await pass(27)
      api.publish('training/run-1', 'complete', 'Training complete!')
      await settle(page)
      await page.clock.runFor(1000)
    },
    error: async ({ api, page, pass }) => {
      await pass(70)
      api.script.events = 'refuse'
      api.cut()
      await settle(page)
      await page.clock.runFor(6000)
      await settle(page)
      await page.clock.runFor(1000)
    },
    paused: async ({ page, pass }) => {
      await pass(70)
      await page.keyboard.press('p')
      await pass(14)
    },
    empty: async ({ pass }) => pass(3),
  }
}

/**
 * @param {string} name
 * @param {{ theme?: 'light' | 'dark', width?: number, height?: number, fullPage?: boolean, path?: string }} options
 * @param {(scene: Scene) => Promise<void>} play
 */
async function shoot(name, options, play) {
  const {
    theme = 'light',
    width = 1280,
    height = 900,
    path = join(folder, `${name}.png`),
  } = options
  const api = await startScriptedApi({ hertz: 0, now: START + AHEAD_MS })
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: options.path ? 'no-preference' : 'reduce',
    deviceScaleFactor: width < 500 ? 2 : 1,
    locale: 'en-GB',
  })
  const page = await context.newPage()
  await page.clock.install({ time: START - 1000 })
  await page.clock.pauseAt(START)
  await page.goto(api.url)
  let step = 0
  let running = false
  let spentMs = 0
  const pass = async (/** @type {number} */ seconds) => {
    for (let second = 0; second < seconds; second += 1) {
      api.tick(await page.evaluate(() => Date.now()))
      for (let trades = (second * 7 + (second >> 2)) % 6; trades > 0; trades -= 1) api.trade()
      for (let i = 0; running && i < STEPS_PER_SECOND && step < 1000; i += 1)
        api.step('run-1', step++)
      await settle(page)
      // A little jitter.
      await page.clock.runFor(1000 - spentMs + (JITTER_MS[second % JITTER_MS.length] ?? 0))
      spentMs = 0
    }
  }
  const startRun = async () => {
    await page.getByRole('button', { name: 'Start training' }).click()
    await settle(page)
    await page.clock.runFor(20)
    await settle(page)
    spentMs = 20
    running = true
  }
  await connected(api, page)
  await play({ api, page, pass, startRun })
  await page.evaluate(() => scrollTo(0, 0))
  await page.screenshot({ path, fullPage: options.fullPage ?? true })
  await context.close()
  await api.close()
  process.stdout.write(`${path}\n`)
}

/** @param {Api} api @param {Page} page */
async function connected(api, page) {
  for (let tries = 0; api.viewers === 0 && tries < 1000; tries += 1) {
    await page.clock.runFor(10)
    await settle(page)
  }
}

/** Waits until the page has received what was sent, because the network does not follow the controlled clock. @param {Page} page */
async function settle(page) {
  await new Promise((resolve) => setTimeout(resolve, 12))
  await page.evaluate(() => new Promise((resolve) => queueMicrotask(() => resolve(undefined))))
}
