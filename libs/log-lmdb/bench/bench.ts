/** `npm run bench -w @downlink/log-lmdb`: throughput, lookup among 1,000,000 events, reading one topic, reopening. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EventLog } from '@downlink/hub'
import { createLmdbLog } from '../src/lmdb-log.ts'

const DATA = 'x'.repeat(200)
const EVENTS = 1_000_000
const path = mkdtempSync(join(tmpdir(), 'downlink-bench-'))

try {
  await always()
  await interval()
} finally {
  rmSync(path, { recursive: true, force: true })
}

async function always(): Promise<void> {
  const log = await createLmdbLog({ path: join(path, 'always'), durability: 'always' })
  const startMs = performance.now()
  let events = 0
  const publish = async () => {
    while (performance.now() - startMs < 3_000) {
      await log.append({ topic: 'a', event: 'message', data: DATA })
      events += 1
    }
  }
  await Promise.all(Array.from({ length: 64 }, publish))
  report('always, 64 publishers', (events * 1_000) / (performance.now() - startMs), 'events/s')
  await log.close()
}

async function interval(): Promise<void> {
  const directory = join(path, 'interval')
  let log = await createLmdbLog({ path: directory })
  const startMs = performance.now()
  for (let i = 0; i < EVENTS;) {
    const burst = []
    for (const end = i + 1_000; i < end; i++) {
      // One topic of 1,000 events among 1,000,000 events of 100 topics.
      const topic = i % 1_000 === 0 ? 'rare' : `t${i % 100}`
      burst.push(log.append({ topic, event: 'message', data: DATA }))
    }
    await Promise.all(burst)
  }
  report('interval, bursts of 1,000', (EVENTS * 1_000) / (performance.now() - startMs), 'events/s')

  const { epoch } = (await log.append({ topic: 'rare', event: 'message', data: DATA })).id
  const middle = { epoch, seq: EVENTS / 2 }
  report('lookup by position, 1 event', await median(() => one(log, middle)), 'ms')
  const whole = () => log.readAfter('start', ['rare'], { maxEvents: 2_000, maxBytes: 2 ** 30 })
  report('a topic of 1,000 events', await median(whole), 'ms')
  await log.close()
  const openMs = performance.now()
  log = await createLmdbLog({ path: directory })
  await one(log, middle)
  report('reopen and read', performance.now() - openMs, 'ms')
  await log.close()
}

function one(log: EventLog, position: { readonly epoch: string; readonly seq: number }) {
  return log.readAfter(position, ['t50'], { maxEvents: 1, maxBytes: 1_000 })
}

async function median(run: () => Promise<unknown>): Promise<number> {
  const times = []
  for (let i = 0; i < 101; i++) {
    const startMs = performance.now()
    await run()
    times.push(performance.now() - startMs)
  }
  return times.sort((a, b) => a - b)[50] ?? NaN
}

function report(what: string, value: number, unit: string): void {
  const digits = value < 100 ? 2 : 0
  console.log(`${what.padEnd(30)} ${value.toFixed(digits).padStart(10)} ${unit}`)
}
