/**
 * Measures the latency of `/livez` while many clients replay finished training runs:
 * `npm run load:replays -- --connections 100 --runs 16`. Fails if the p99 is 100 ms or more.
 */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import type { Probed } from './probe.ts'
import { openWatch } from './watch.ts'

const EVENTS_PER_RUN = 1_001
const LIMIT_MS = 100
const TIMEOUT_MS = 60_000
const MAIN = fileURLToPath(new URL('../../apps/api/src/main.ts', import.meta.url))

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '100' },
    runs: { type: 'string', default: '16' },
  },
})
const connections = Number(values.connections)
const runs = Number(values.runs)

const api = spawn(
  process.execPath,
  ['--conditions=@downlink/source', '--import', import.meta.resolve('tsx'), MAIN],
  {
    env: {
      ...process.env,
      PORT: '0',
      LOG_LEVEL: 'silent',
      TRAINING_STEP_MS: '1',
      MAX_TRAINING_RUNS_PER_ADDRESS: String(runs),
      MAX_TOPICS: String(runs),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  },
)
try {
  const url = await new Promise<string>((resolve, reject) => {
    api.once('exit', () => reject(new Error('The API did not start.')))
    api.stdout.on('data', (text: Buffer) => {
      const found = /http:\S+/.exec(text.toString())?.[0]
      if (found !== undefined) resolve(found.replace('localhost', '127.0.0.1'))
    })
  })
  const topics = await finishedRuns(url)
  const startedAtMs = performance.now()
  const watch = openWatch({
    url: `${url}/events?${topics.map((topic) => `topic=${topic}`).join('&')}`,
    connections,
  })
  // Each connection also gets a hello, and ends after its last run.
  const expected = connections * (runs * EVENTS_PER_RUN + 1)
  const probe = fork(fileURLToPath(new URL('probe.ts', import.meta.url)), [`${url}/livez`], {
    execArgv: ['--import', import.meta.resolve('tsx')],
  })
  while (watch.report().events < expected && performance.now() - startedAtMs < TIMEOUT_MS)
    await wait(50)
  const seconds = (performance.now() - startedAtMs) / 1_000
  probe.send('stop')
  const [{ count, p50, p99, max }] = (await once(probe, 'message')) as [Probed]
  const { events, outOfOrder } = watch.report()
  watch.close()
  console.log(
    `${connections} clients replayed ${runs} runs in ${seconds.toFixed(1)} s: ` +
      `${events} of at least ${expected} events, ${outOfOrder} out of order; /livez answered ${count} times, ` +
      `p50/p99/max ${p50.toFixed(1)}/${p99.toFixed(1)}/${max.toFixed(1)} ms`,
  )
  if (events < expected || outOfOrder > 0 || p99 >= LIMIT_MS) process.exitCode = 1
} finally {
  api.kill('SIGKILL')
}

/** Starts the runs, waits until they are complete, and returns their topics. */
async function finishedRuns(url: string): Promise<readonly string[]> {
  for (let i = 0; i < runs; i++) await fetch(`${url}/training-runs`, { method: 'POST' })
  for (;;) {
    const answer = (await (await fetch(`${url}/training-runs`)).json()) as {
      runs: { topic: string; state: string }[]
    }
    if (answer.runs.every(({ state }) => state === 'complete'))
      return answer.runs.map(({ topic }) => topic)
    await wait(100)
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
