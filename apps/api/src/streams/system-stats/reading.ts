/** Reads this machine's CPU load and memory. */
import type { Clock } from '@downlink/protocol'
import { currentLoad, mem, type Systeminformation } from 'systeminformation'
import { sleep } from '../../clock.ts'

export interface Reading {
  /** Of the whole machine, 0 to 100. */
  readonly cpuPercent: number
  readonly totalBytes: number
  /** Memory that a program could get without swapping. */
  readonly availableBytes: number
}

type Memory = Pick<Systeminformation.MemData, 'total' | 'available' | 'free' | 'buffcache'>

export interface Machine {
  readonly currentLoad: () => Promise<Pick<Systeminformation.CurrentLoadData, 'currentLoad'>>
  readonly mem: () => Promise<Memory>
}

/** The load is an average since the previous reading, which must not be older than this. */
const MAX_SPAN_MS = 2500
/** Within 200 ms systeminformation returns its previous load again. */
const MIN_SPAN_MS = 250

/** The first reading, and each one after a pause, measures a short span of its own. */
export function createSystemReader(
  clock: Clock,
  machine: Machine = { currentLoad, mem },
): () => Promise<Reading> {
  let lastMs = -Infinity
  return async () => {
    if (clock.now() - lastMs > MAX_SPAN_MS) {
      await machine.currentLoad()
      await sleep(clock, MIN_SPAN_MS)
    }
    const [load, memory] = await Promise.all([machine.currentLoad(), machine.mem()])
    lastMs = clock.now()
    return {
      cpuPercent: load.currentLoad,
      totalBytes: memory.total,
      availableBytes: availableOf(memory),
    }
  }
}

/**
 * In an LXC container MemTotal is the container's and MemAvailable can be the host's, which is larger. Free memory and
 * caches are the container's, like the total.
 */
function availableOf({ total, available, free, buffcache }: Memory): number {
  return available > total ? free + buffcache : available
}
