/**
 * Measures events per second and CPU per million events in Chromium, for the client and for alternatives:
 * `npm run bench -w @downlink/client`. `--rounds 7` sets the number of rounds, of which the median is printed. The CPU
 * counter has steps of 10 ms, so each contender reads as many events as it can in about a second. The order of the
 * contenders is reversed after each round, so that none always follows the same other one.
 */
import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { URL, fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium, type Page } from 'playwright-core'
import { launchOptions } from '../../../tools/browser.mjs'

interface Load {
  readonly title: string
  readonly event: string
  /** How many events are read to find out how many take a second. */
  readonly trial: number
}

interface Cost {
  readonly count: number
  readonly seconds: number
  readonly cpuSeconds: number
}

const TINY = 'data: {"n":1}\n\n'
const LOADS: Record<string, Load> = {
  tiny: { title: `tiny (${TINY.length} bytes)`, event: TINY, trial: 100_000 },
  kilobyte: { title: '1 KB', event: `data: ${'x'.repeat(1_016)}\n\n`, trial: 20_000 },
}
const BLOCK_BYTES = 65_536
/** How long a run is to last. */
const RUN_SECONDS = 1

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })
const rounds = Number(values.rounds)
const folder = fileURLToPath(new URL('.', import.meta.url))

installPeers()
const server = await startServer(await bundlePage())
const browser = await chromium.launch(launchOptions())
try {
  console.log(`Chromium ${browser.version()}, Node ${process.version}, median of ${rounds} rounds`)
  for (const [path, load] of Object.entries(LOADS)) await compare(path, load)
} finally {
  await browser.close()
  server.closeAllConnections()
  server.close()
}

async function compare(path: string, load: Load): Promise<void> {
  const page = await browser.newPage()
  await page.goto(`${base()}/`)
  await page.waitForFunction('globalThis.contenders !== undefined')
  const names = await page.evaluate<string[]>('Object.keys(globalThis.contenders)')
  const counts = new Map<string, number>()
  // The first trial compiles.
  for (const count of [load.trial, load.trial]) {
    for (const name of names) {
      const { seconds } = await measure(page, path, name, count)
      counts.set(name, Math.ceil((count / seconds) * RUN_SECONDS))
    }
  }
  const costs = new Map<string, Cost[]>(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      costs.get(name)?.push(await measure(page, path, name, counts.get(name) ?? load.trial))
    }
  }
  await page.close()

  console.log(`\n${load.title}`)
  console.log('| | events/s | CPU s per million events |')
  console.log('| --- | ---: | ---: |')
  for (const [name, all] of costs) {
    const perSecond = median(all.map(({ count, seconds }) => count / seconds))
    const perMillion = median(all.map(({ count, cpuSeconds }) => (cpuSeconds / count) * 1_000_000))
    console.log(
      `| ${name} | ${Math.round(perSecond).toLocaleString('en')} | ${perMillion.toFixed(2)} |`,
    )
  }
}

/** The time of a run, and the CPU time that the page's process spent on it. */
async function measure(page: Page, path: string, name: string, count: number): Promise<Cost> {
  const session = await page.context().newCDPSession(page)
  // What others left is not this one's to clear away.
  await session.send('HeapProfiler.collectGarbage')
  const before = await processSeconds()
  const seconds = await page.evaluate<number>(`(async () => {
    const startedAt = performance.now()
    await globalThis.contenders[${JSON.stringify(name)}]('/${path}?count=${count}', ${count})
    return (performance.now() - startedAt) / 1000
  })()`)
  const cpuSeconds = (await processSeconds()) - before
  await session.detach()
  return { count, seconds, cpuSeconds }

  /** While these metrics are enabled, Chromium times each call of a listener, which takes longer than the call. */
  async function processSeconds(): Promise<number> {
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    const { metrics } = await session.send('Performance.getMetrics')
    await session.send('Performance.disable')
    return metrics.find(({ name }) => name === 'ProcessTime')?.value ?? 0
  }
}

/** Serves the page, and each load as fast as it is taken. */
async function startServer(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server')
    const load = LOADS[pathname.slice(1)]
    if (load === undefined) {
      const isScript = pathname === '/page.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      response.end(
        isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>',
      )
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const perBlock = Math.ceil(BLOCK_BYTES / load.event.length)
    const block = Buffer.from(load.event.repeat(perBlock))
    let left = Number(searchParams.get('count'))
    const write = (): void => {
      while (left > 0) {
        const events = Math.min(left, perBlock)
        left -= events
        const part = events === perBlock ? block : Buffer.from(load.event.repeat(events))
        if (!response.write(part)) {
          response.once('drain', write)
          return
        }
      }
      response.end()
    }
    write()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function base(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${folder}page.mjs`],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    conditions: ['@downlink/source'],
  })
  return outputFiles[0]?.text ?? ''
}

function installPeers(): void {
  if (existsSync(`${folder}node_modules/.package-lock.json`)) return
  console.log('Installing what the client is compared with …')
  const { status } = spawnSync('npm', ['ci', '--workspaces=false', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`npm ci failed in ${folder}: see above.`)
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN
}
