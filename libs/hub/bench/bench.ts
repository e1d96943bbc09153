/**
 * Measures the server's CPU seconds per million deliveries, for the hub and for alternatives:
 * `npm run bench -w @downlink/hub`.
 *
 * `--only 'floor;hub'` selects contenders, `--n 100,1000` numbers of connections, `--mode one,ten,bursts,calm,busy,idle`
 * loads (see `MODES`), and `--rounds 3` the number of rounds, of which the median is printed.
 */
import { fork } from 'node:child_process'
import { fileURLToPath, URL } from 'node:url'
import { parseArgs } from 'node:util'
import type { LoadReport } from '../../../tools/load/load.ts'
import type { FromClient, ToClient } from './client-process.ts'
import { CHILD_EXEC_ARGV, startPeer, type Contender, type Pace } from './contender.ts'
import { installPeers } from './install-peers.ts'
import { hasNchan, startNchan } from './nchan.ts'

const EVENT_BYTES = 200
const SECONDS = 4
const WINDOW_MS = '5'
/** How long the clients may take to receive the last events. */
const TIMEOUT_MS = 20_000

const CONTENDERS: Record<string, () => Promise<Contender>> = {
  floor: () => startPeer('floor.ts'),
  hub: () => startPeer('hub.ts', { BENCH_WINDOW_MS: WINDOW_MS }),
  'hub, no window': () => startPeer('hub.ts', { BENCH_WINDOW_MS: '0' }),
  'hub, no window, res.write': () => startPeer('hub.ts', { BENCH_WINDOW_MS: '0', BENCH_RAW: '0' }),
  nchan: startNchan,
  ws: () => startPeer('ws.mjs'),
  'res.write': () => startPeer('res-write.ts'),
  koa: () => startPeer('koa.mjs'),
  'better-sse': () => startPeer('better-sse.mjs'),
  hono: () => startPeer('hono.mjs'),
}

/** Deliveries per second over all connections, and events per tick. */
const MODES = {
  one: { deliveriesPerSecond: 100_000, perTick: 1 },
  ten: { deliveriesPerSecond: 1_000_000, perTick: 10 },
  bursts: { deliveriesPerSecond: 200_000, perTick: 10 },
  calm: { deliveriesPerSecond: 20_000, perTick: 1 },
  busy: { deliveriesPerSecond: 1_000_000, perTick: 1 },
  idle: { deliveriesPerSecond: 0, perTick: 0 },
}

type Mode = keyof typeof MODES

function paceOf(mode: Mode, connections: number): Pace {
  const { deliveriesPerSecond, perTick } = MODES[mode]
  const ticks = Math.round((deliveriesPerSecond / connections / perTick) * SECONDS)
  return { perTick, ticks, tickMs: (SECONDS * 1_000) / ticks, bytes: EVENT_BYTES }
}

interface Result {
  /** CPU seconds per million deliveries; with `idle`, bytes of resident memory per connection. */
  readonly figure: number
  readonly note: string
  readonly report: LoadReport | undefined
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(CONTENDERS).join(';') },
    n: { type: 'string', default: '100,1000,5000' },
    mode: { type: 'string', default: 'one,ten,bursts,calm,busy,idle' },
    rounds: { type: 'string', default: '3' },
  },
})
installPeers()
const names = values.only
  .split(';')
  .filter((name) => name !== 'nchan' || hasNchan() || note('nchan is not installed: skipped.'))
for (const mode of values.mode.split(',') as Mode[]) {
  for (const connections of values.n.split(',').map(Number)) await table(mode, connections)
}

async function table(mode: Mode, connections: number): Promise<void> {
  const results = new Map<string, Result[]>(names.map((name) => [name, []]))
  for (let round = 0; round < Number(values.rounds); round++) {
    // One round of each contender in turn, so that other load on the machine affects all of them.
    for (const name of names) {
      const result = await measure(name, mode, connections)
      results.get(name)?.push(result)
    }
  }
  const unit = mode === 'idle' ? 'KB of memory per connection' : 'CPU s / million'
  console.log(`\n## ${mode}, ${connections} connections (${unit})`)
  console.log(
    '| | median | rounds | p50 ms | p99 ms | note |\n| --- | --- | --- | --- | --- | --- |',
  )
  for (const [name, rounds] of results) {
    const sorted = [...rounds].sort((a, b) => a.figure - b.figure)
    const median = sorted[Math.floor(sorted.length / 2)]
    if (!median) continue
    const { p50, p99 } = median.report?.latencyMs ?? {}
    const cells = [
      name,
      median.figure.toFixed(2),
      sorted.map(({ figure }) => figure.toFixed(2)).join(' '),
      p50?.toFixed(1) ?? '',
      p99?.toFixed(1) ?? '',
      median.note,
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

async function measure(name: string, mode: Mode, connections: number): Promise<Result> {
  const contender = await CONTENDERS[name]?.()
  if (!contender)
    throw new Error(`No contender is called ${name}: ${Object.keys(CONTENDERS).join('; ')}.`)
  const client = fork(fileURLToPath(new URL('client-process.ts', import.meta.url)), {
    execArgv: CHILD_EXEC_ARGV,
  })
  try {
    const empty = await contender.measure()
    const { port, path, webSocket } = contender
    ask({ kind: 'open', options: { port, path, webSocket, connections } })
    await answerOf('opened')
    if (mode === 'idle') {
      await pause(1_000)
      const full = await contender.measure()
      const figure = (full.rssBytes - empty.rssBytes) / connections / 1024
      const heap = (full.heapBytes - empty.heapBytes) / connections / 1024
      return { figure, note: `heap ${heap.toFixed(1)}`, report: undefined }
    }
    const pace = paceOf(mode, connections)
    await run({ ...pace, ticks: Math.ceil(pace.ticks / 4) })
    const before = await contender.measure()
    const report = await run(pace)
    const after = await contender.measure()
    const expected = pace.ticks * pace.perTick * connections
    const figure = (after.cpuMs - before.cpuMs) / 1_000 / (report.events / 1e6)
    return { figure, report, note: noteOf(report, expected, after.facts) }
  } finally {
    client.kill('SIGKILL')
    contender.stop()
  }

  async function run(pace: Pace): Promise<LoadReport> {
    const reset = answerOf('reset')
    ask({ kind: 'reset' })
    await reset
    await contender?.publish(pace)
    const counted = answerOf('counted')
    const events = pace.ticks * pace.perTick * connections
    ask({ kind: 'count', events, timeoutMs: TIMEOUT_MS })
    return (await counted).report
  }

  function ask(message: ToClient): void {
    client.send(message)
  }

  function answerOf<K extends FromClient['kind']>(kind: K): Promise<FromClient & { kind: K }> {
    return new Promise((resolve, reject) => {
      client.on('message', (message: FromClient) => {
        if (message.kind === 'failed') reject(new Error(message.reason))
        if (message.kind === kind) resolve(message as FromClient & { kind: K })
      })
    })
  }
}

function noteOf(report: LoadReport, expected: number, facts: Record<string, number>): string {
  const notes: string[] = []
  if (report.events !== expected) notes.push(`${report.events} of ${expected} arrived`)
  if (report.outOfOrder > 0) notes.push(`${report.outOfOrder} out of order`)
  if (report.closed > 0) notes.push(`${report.closed} closed`)
  const { writes, deliveries } = facts
  if (writes && deliveries) notes.push(`${(deliveries / writes).toFixed(1)} events a write`)
  return notes.join(', ')
}

function note(text: string): false {
  console.log(text)
  return false
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
