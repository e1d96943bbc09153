/** Reads this machine's load and memory. */
import { currentLoad, mem } from 'systeminformation'
import type { Clock } from '../clock.ts'
import type { Reading } from './system-stats.ts'

/** Load is what was done since the reading before; older than this, that one says nothing about now. */
const MAX_BASE_AGE_MS = 2500
/** Below 200 ms systeminformation hands out its last load again. */
const MIN_SPAN_MS = 250

/** A reader that remembers when it last read: the first reading of a while measures a short span of its own. */
export function createSystemReader(clock: Clock): () => Promise<Reading> {
  let lastMs = -Infinity
  return async () => {
    if (clock.elapsed() - lastMs > MAX_BASE_AGE_MS) {
      await currentLoad()
      await clock.sleep(MIN_SPAN_MS)
    }
    const [load, memory] = await Promise.all([currentLoad(), mem()])
    lastMs = clock.elapsed()
    return {
      cpuPercent: load.currentLoad,
      totalBytes: memory.total,
      availableBytes: memory.available,
    }
  }
}
