/** Reads this machine's load and memory. */
import { currentLoad, mem, type Systeminformation } from 'systeminformation'
import type { Clock } from '../../clock.ts'
import type { Reading } from './source.ts'

/** Load is what was done since the reading before; older than this, that one says nothing about now. */
const MAX_BASE_AGE_MS = 2500
/** Below 200 ms systeminformation hands out its last load again. */
const MIN_SPAN_MS = 250

export interface Machine {
  readonly currentLoad: () => Promise<Pick<Systeminformation.CurrentLoadData, 'currentLoad'>>
  readonly mem: () => Promise<
    Pick<Systeminformation.MemData, 'total' | 'available' | 'free' | 'buffcache'>
  >
}

/** A reader that remembers when it last read: the first reading of a while measures a short span of its own. */
export function createSystemReader(
  clock: Clock,
  machine: Machine = { currentLoad, mem },
): () => Promise<Reading> {
  let lastMs = -Infinity
  return async () => {
    if (clock.elapsed() - lastMs > MAX_BASE_AGE_MS) {
      await machine.currentLoad()
      await clock.sleep(MIN_SPAN_MS)
    }
    const [load, memory] = await Promise.all([machine.currentLoad(), machine.mem()])
    lastMs = clock.elapsed()
    return {
      cpuPercent: load.currentLoad,
      totalBytes: memory.total,
      availableBytes: availableOf(memory),
    }
  }
}

/**
 * In an LXC container MemTotal is the container's and MemAvailable can be the host's, which is larger. What is free or
 * holds caches is then the container's, like the total.
 */
function availableOf({
  total,
  available,
  free,
  buffcache,
}: Pick<Systeminformation.MemData, 'total' | 'available' | 'free' | 'buffcache'>): number {
  return available > total ? free + buffcache : available
}
