/** One contender in a separate process: publishes at a given rate and measures its own CPU time. */
import { readdirSync } from 'node:fs'
import { stampedData } from '../../../tools/load/load.ts'
import type { Measure, Pace } from './contender.ts'
import type { Peer, StartPeer } from './peers/peer.ts'

export type ToServer = ({ readonly kind: 'publish' } & Pace) | { readonly kind: 'measure' }

export type FromServer =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'published' }
  | ({ readonly kind: 'measured' } & Measure)

const US_PER_MS = 1_000
let published = 0

const name = process.argv[2] ?? ''
const peer = await load(name)
process.on('message', (message: ToServer) => {
  if (message.kind === 'publish') publish(message)
  else measure()
})
process.on('disconnect', () => process.exit())
tell({ kind: 'listening', port: peer.port })

async function load(file: string): Promise<Peer> {
  const module = (await import(new URL(`peers/${file}`, import.meta.url).href)) as {
    start: StartPeer
  }
  return module.start()
}

/** If a tick is late by more than its length, the next one follows immediately; missed ticks are not sent as a burst. */
function publish({ ticks, perTick, tickMs, bytes }: ToServer & { kind: 'publish' }): void {
  const last = published + ticks * perTick
  let dueMs = performance.now()
  tick()

  function tick(): void {
    const data = Array.from({ length: perTick }, () => stampedData(published++, bytes))
    peer.publish(data)
    if (published >= last) {
      tell({ kind: 'published' })
      return
    }
    dueMs += tickMs
    const waitMs = dueMs - performance.now()
    if (waitMs < 0) {
      dueMs = performance.now()
      setImmediate(tick)
    } else setTimeout(tick, waitMs)
  }
}

function measure(): void {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  tell({
    kind: 'measured',
    cpuMs: (user + system) / US_PER_MS,
    rssBytes: rss,
    heapBytes: heapUsed,
    descriptors: readdirSync('/proc/self/fd').length,
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
    facts: peer.facts?.() ?? {},
  })
}

function tell(message: FromServer): void {
  process.send?.(message)
}
