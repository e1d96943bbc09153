/** Tests the hub at full size: stalled readers, many connections, and frequent connects and disconnects. */
import { readFileSync } from 'node:fs'
import { startPeer, type Contender, type Measure } from '../../libs/hub/bench/contender.ts'
import { churn } from '../load/churn.ts'
import { openLoad } from '../load/load.ts'
import { run } from '../run.mjs'
import type { Report } from './report.ts'

const MB = 2 ** 20
const MANY = 9_500
/** Enough for `MANY` connections and the other open files of the process. */
const DESCRIPTORS = MANY + 500
const CHURN_SECONDS = 60
const TIMEOUT_MS = 60_000

const SCENARIOS: Record<string, (contender: Contender) => Promise<boolean>> = {
  stalled,
  many,
  churn: comeAndGo,
}

/**
 * @param only - names of scenarios; none means all
 * @throws Error for an unknown name, or if the build fails
 */
export async function soakHub(report: Report, only: readonly string[]): Promise<void> {
  const names = Object.keys(SCENARIOS)
  const unknown = only.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new Error(`Unknown scenario ${unknown}. Use one of ${names.join(', ')}.`)
  if ((await run('nx', ['build', 'hub'], { quiet: true })) !== 0)
    throw new Error('The build failed. See its messages above.')
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    if (only.length > 0 && !only.includes(name)) continue
    if (name === 'many' && descriptorLimit() < DESCRIPTORS) {
      report.skip(`hub ${name}`, `needs ${DESCRIPTORS} file descriptors; raise ulimit -n`)
      continue
    }
    const contender = await startPeer('hub.ts', { BENCH_WINDOW_MS: '5' })
    // Ends the contender if Ctrl-C ends this process.
    process.once('exit', contender.stop)
    try {
      report.check(`hub ${name}`, await scenario(contender), 'see the line above')
    } finally {
      contender.stop()
      process.off('exit', contender.stop)
    }
  }
}

/** The limit of open files per process. Node raises the soft limit to the hard limit. */
function descriptorLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8')
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity)
  } catch {
    return Infinity
  }
}

/** 1,000 connections that never read and 10 that do; 40 events of 4 KB per second for 40 seconds. */
async function stalled({ port, path, publish, measure }: Contender): Promise<boolean> {
  const healthy = openLoad({ port, path, connections: 10, readEvery: 1 })
  await healthy.opened
  await publish({ ticks: 200, perTick: 1, tickMs: 25, bytes: 4_096 })
  const alone = await healthy.counted(10 * 200, TIMEOUT_MS)
  healthy.reset()
  const stuck = openLoad({ port, path, connections: 1_000, stalled: true })
  await stuck.opened
  const before = await settled(measure)
  let peakRss = 0
  const watch = setInterval(() => {
    void measure().then(({ rssBytes }) => (peakRss = Math.max(peakRss, rssBytes)))
  }, 1_000)
  await publish({ ticks: 1_600, perTick: 1, tickMs: 25, bytes: 4_096 })
  const report = await healthy.counted(10 * 1_600, TIMEOUT_MS)
  clearInterval(watch)
  const after = await measure()
  const growth = (Math.max(peakRss, after.rssBytes) - before.rssBytes) / MB
  console.log(
    `stalled: ${after.facts.tooSlow} of 1,000 disconnected as too slow; resident memory grew by at most ${growth.toFixed(0)} MB; ` +
      `the healthy readers got ${report.events} of ${10 * 1_600}, ${report.outOfOrder} out of order, ` +
      `p50/p99 ${report.latencyMs.p50.toFixed(1)}/${report.latencyMs.p99.toFixed(1)} ms ` +
      `(alone: ${alone.latencyMs.p50.toFixed(1)}/${alone.latencyMs.p99.toFixed(1)} ms); ` +
      `tcp_wmem ${sendBuffers()}`,
  )
  healthy.close()
  stuck.close()
  return growth <= 100 && report.events === 10 * 1_600 && report.outOfOrder === 0
}

/** The minimum, initial and maximum send buffer of a socket in the kernel. It affects the latency with stalled readers. */
function sendBuffers(): string {
  try {
    return readFileSync('/proc/sys/net/ipv4/tcp_wmem', 'utf8').trim().replace(/\s+/g, ' ')
  } catch {
    return 'unknown'
  }
}

/** `MANY` connections; each must receive every broadcast. */
async function many({ port, path, publish, measure }: Contender): Promise<boolean> {
  const empty = await measure()
  const load = openLoad({ port, path, connections: MANY, readEvery: 10 })
  await load.opened
  const full = await settled(measure)
  const ticks = 10
  const counted = load.counted(MANY * ticks, TIMEOUT_MS)
  await publish({ ticks, perTick: 1, tickMs: 1_000, bytes: 200 })
  const report = await counted
  const memory = (full.rssBytes - empty.rssBytes) / MANY / 1024
  console.log(
    `many: ${report.open} connections open, ${memory.toFixed(1)} KB of resident memory each; ` +
      `${report.events} of ${MANY * ticks} events received, ${report.outOfOrder} out of order, ` +
      `p50/p99 ${report.latencyMs.p50.toFixed(0)}/${report.latencyMs.p99.toFixed(0)} ms`,
  )
  load.close()
  return report.events === MANY * ticks && report.outOfOrder === 0 && report.open === MANY
}

/** Resets 500 connections per second for a minute. Afterwards nothing must be left of them. */
async function comeAndGo({ port, path, measure }: Contender): Promise<boolean> {
  // Warm-up: allocates what is allocated only once.
  await churn({ port, path, perSecond: 500, seconds: 10 })
  const before = await settled(measure)
  const answered = await churn({ port, path, perSecond: 500, seconds: CHURN_SECONDS })
  const after = await settled(measure)
  const heap = after.heapBytes / before.heapBytes
  console.log(
    `churn: ${answered} connections opened and reset; descriptors ${before.descriptors} -> ${after.descriptors}, ` +
      `timers ${before.timers} -> ${after.timers}, subscribers ${after.facts.subscribers}, ` +
      `heap ${(before.heapBytes / MB).toFixed(1)} -> ${(after.heapBytes / MB).toFixed(1)} MB`,
  )
  return (
    after.facts.subscribers === 0 &&
    after.descriptors <= before.descriptors &&
    after.timers <= before.timers &&
    heap < 1.05
  )
}

/** Measures after the last connections had time to close. */
async function settled(measure: () => Promise<Measure>): Promise<Measure> {
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  await measure()
  return measure()
}
