/**
 * The load and memory of the machine: one reading at once, then one per second. A reading that fails or contradicts
 * itself is reported and skipped. The limits of the server's control group are sent first if there are any, and when
 * they change.
 */
import type { Source } from '@downlink/hub'
import type { Clock } from '@downlink/protocol'
import { systemStats, type SystemLimits, type SystemStats } from '@downlink/protocol/streams'
import { createPace } from '../../clock.ts'
import type { Reading } from './reading.ts'

const SECOND_MS = 1000
const MEGABYTE = 2 ** 20

export interface SystemReaders {
  readonly stats: () => Promise<Reading>
  readonly limits: () => Promise<SystemLimits>
}

export function systemStatsSource(
  clock: Clock,
  read: SystemReaders,
  onError: (error: unknown, topic: string) => void,
): Source<typeof systemStats> {
  const report = (error: unknown) => onError(error, systemStats.topic)
  /** The limits published last. They outlive a run of the source, like the latest event in the log. */
  let published: SystemLimits = { memory_limit_mb: null, cpu_limit_cores: null }
  return async (controls) => {
    const pace = createPace(clock, controls.signal)
    for (let isStart = true; ; isStart = false) {
      const limits = await read.limits().catch(report)
      const stats = await read.stats().then(statsOf).catch(report)
      if (controls.signal.aborted) return
      if (limits && (!isEqual(limits, published) || (isStart && hasLimit(limits)))) {
        controls.publish('limits', limits)
        published = limits
      }
      if (stats) controls.publish('message', stats)
      await pace.next(SECOND_MS)
    }
  }
}

function isEqual(a: SystemLimits, b: SystemLimits): boolean {
  return a.memory_limit_mb === b.memory_limit_mb && a.cpu_limit_cores === b.cpu_limit_cores
}

function hasLimit({ memory_limit_mb, cpu_limit_cores }: SystemLimits): boolean {
  return memory_limit_mb !== null || cpu_limit_cores !== null
}

function statsOf({ cpuPercent, totalBytes, availableBytes }: Reading): SystemStats {
  if (!Number.isFinite(cpuPercent))
    throw new Error(`Cannot read the CPU load: ${cpuPercent} %. This second is skipped.`)
  // The reader returns 0 when MemAvailable is missing; a running machine always has some memory available.
  if (!(availableBytes > 0 && availableBytes <= totalBytes && totalBytes < Infinity))
    throw new Error(
      `Cannot read the memory: ${availableBytes} of ${totalBytes} bytes are available. This second is skipped.`,
    )
  const usedBytes = totalBytes - availableBytes
  return {
    cpu_percent: percent(cpuPercent),
    memory_percent: percent((usedBytes / totalBytes) * 100),
    memory_used_mb: round(usedBytes / MEGABYTE),
    memory_total_mb: round(totalBytes / MEGABYTE),
  }
}

/** Two counters that are read at slightly different times can give a value just outside 0 to 100. */
function percent(value: number): number {
  return round(Math.min(100, Math.max(0, value)))
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
