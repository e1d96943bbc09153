// Measures the built page against its budgets, in a real browser on a scripted API, and fails if it exceeds one.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { launchBrowser } from './browser.mjs'
import { startScriptedApi } from './scripted-api.mjs'

const DIST = fileURLToPath(new URL('../dist/', import.meta.url))
/** Long enough that one frame more or less hardly changes the result, even if the page draws once per second. */
const WINDOW_MS = 10_000
/** The result is the minimum of this many windows, because other processes can only add time. */
const WINDOWS = 5
/** 100 events per second for this long: as many as in ten minutes at ten per second. */
const HEAP_MS = 60_000
const HEAP_WARM_MS = 20_000
let exceeded = 0

const browser = await launchBrowser()
const { first, drawer } = await loads()
const assets = await readdir(`${DIST}assets`)
const sheets = assets.filter((name) => name.endsWith('.css')).map((name) => `/assets/${name}`)
for (const path of first) print(path, await gzipped([path]), 'kB gzipped')
report('scripts of the first load, total', await gzipped(first), 80, 'kB gzipped')
for (const path of drawer) print(path, await gzipped([path]), 'kB gzipped')
report('scripts of the events drawer, total', await gzipped(drawer), 15, 'kB gzipped')
report('style sheets', await gzipped(sheets), 8, 'kB gzipped')
report('main thread at 10 events per second and topic', await mainThread(10), 5, '%')
report('main thread at 1 event per second and topic', await mainThread(1), 1, '%')
report('renders for 1,000 frames in one tick', await renders(), 3, '')
report('layout shift while the page loads', await layoutShift(), 0, '')
report('heap growth over 6,000 events per topic', await heapGrowth(), 1, 'MB')
await browser.close()
process.exitCode = exceeded > 0 ? 1 : 0

/** The scripts that the browser fetches for the page, and those that it fetches when the drawer is opened. */
async function loads() {
  const api = await startScriptedApi({ hertz: 1 })
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } })
  /** @type {Set<string>} */
  const fetched = new Set()
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (pathname.endsWith('.js')) fetched.add(pathname)
  })
  await page.goto(api.url)
  await page.locator('canvas').first().waitFor()
  // Waits for scripts that are fetched in advance.
  await page.waitForTimeout(5000)
  const first = [...fetched]
  await page.keyboard.press('e')
  await page.getByRole('listbox').waitFor()
  await page.close()
  await api.close()
  return { first, drawer: [...fetched].slice(first.length) }
}

/** In kB, with the default level of gzip. @param {string[]} paths */
async function gzipped(paths) {
  const bodies = await Promise.all(paths.map((path) => readFile(join(DIST, path))))
  return bodies.reduce((sum, body) => sum + gzipSync(body).length, 0) / 1000
}

/** Percentage of time in which the main thread is busy, with a training run, so that all charts draw. @param {number} hertz */
async function mainThread(hertz) {
  return withPage(0, async ({ page, api, session }) => {
    // By keyboard: a pointer that rests on the page makes the browser search for its target after each layout.
    await page.getByRole('button', { name: 'Start training' }).press('Enter')
    let step = 0
    const timer = setInterval(() => {
      api.tick()
      api.step('run-1', step++ % 1000)
    }, 1000 / hertz)
    await page.waitForTimeout(3000)
    let least = 100
    for (let window = 0; window < WINDOWS; window += 1) {
      const started = performance.now()
      const before = await busySeconds(session)
      await page.waitForTimeout(WINDOW_MS)
      const busy = (await busySeconds(session)) - before
      least = Math.min(least, (busy / (performance.now() - started)) * 100_000)
    }
    clearInterval(timer)
    return least
  })
}

async function renders() {
  return withPage(0, async ({ page, api }) => {
    api.tick()
    await page.waitForTimeout(1000)
    await page.evaluate(() => {
      const seen = { count: 0 }
      Object.assign(globalThis, { seen })
      const observer = new MutationObserver(() => (seen.count += 1))
      observer.observe(document.querySelector('#stocks') ?? document.body, {
        subtree: true,
        childList: true,
        characterData: true,
      })
    })
    for (let i = 0; i < 1000; i += 1) {
      api.publish('stocks', 'AAPL', { symbol: 'AAPL', price: 1000 + i, change: 1 })
    }
    await page.getByText('$1,999.00').waitFor()
    // Read immediately after the burst, before the next update of the ages.
    return page.evaluate(() => /** @type {any} */ (globalThis).seen.count)
  })
}

async function layoutShift() {
  return withPage(1, async ({ page }) => {
    const shift = await page.evaluate(async () => {
      let sum = 0
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) sum += /** @type {any} */ (entry).value
      }).observe({ type: 'layout-shift', buffered: true })
      await new Promise((resolve) => setTimeout(resolve, 4000))
      return sum
    })
    // Rounded to three decimals, so that an arrow that moves by one pixel does not count.
    return Math.round(shift * 1000) / 1000
  })
}

async function heapGrowth() {
  return withPage(100, async ({ page, session }) => {
    await page.goto(`${page.url()}?range=1`)
    await page.waitForTimeout(HEAP_WARM_MS)
    const before = await heap(session)
    await page.waitForTimeout(HEAP_MS)
    return (await heap(session)) - before
  })
}

/**
 * @template Result
 * @param {number} hertz
 * @param {(tools: { page: import('playwright').Page, api: Awaited<ReturnType<typeof startScriptedApi>>, session: import('playwright').CDPSession }) => Promise<Result>} measure
 */
async function withPage(hertz, measure) {
  const api = await startScriptedApi({ hertz })
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } })
  const session = await page.context().newCDPSession(page)
  // The CPU time of the thread, which excludes waiting for a core.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.goto(api.url)
  await page.getByRole('group', { name: 'Connection state' }).getByText('Live').waitFor()
  const result = await measure({ page, api, session })
  await page.close()
  await api.close()
  return result
}

/** CPU time of the main thread so far, in seconds. @param {import('playwright').CDPSession} session */
async function busySeconds(session) {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
}

/** In MB, after a garbage collection. @param {import('playwright').CDPSession} session */
async function heap(session) {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize / 1_000_000
}

/** @param {string} what @param {number} value @param {number} budget @param {string} unit */
function report(what, value, budget, unit) {
  const ok = value <= budget
  if (!ok) exceeded += 1
  const mark = ok ? 'ok    ' : 'OVER  '
  process.stdout.write(`${mark} ${what}: ${number(value)} ${unit} (at most ${budget})\n`)
}

/** @param {string} what @param {number} value @param {string} unit */
function print(what, value, unit) {
  process.stdout.write(`       ${what}: ${number(value)} ${unit}\n`)
}

/** @param {number} value */
function number(value) {
  return String(Math.round(value * 100) / 100)
}
