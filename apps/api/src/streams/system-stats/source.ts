/**
 * What the machine is doing: one reading at once, then one every second. A reading that fails or contradicts itself is
 * reported, and its second has no event. The limits of the server's control group come first, where one applies, and
 * again when they change.
 */
import type { SystemLimits, systemStats, SystemStats } from '@downlink/protocol/streams'
import { createPace, type Clock } from '../../clock.ts'
import type { Source } from '@downlink/hub'

export interface Reading {
  /** Of the whole machine, 0 to 100. */
  readonly cpuPercent: number
  readonly totalBytes: number
  /** What a program could get without swapping. */
  readonly availableBytes: number
}

const SECOND_MS = 1000
const MEGABYTE = 2 ** 20

export interface SystemReaders {
  readonly stats: () => Promise<Reading>
  readonly limits: () => Promise<SystemLimits>
}

export function systemStatsSource(
  clock: Clock,
  read: SystemReaders,
  onError: (error: unknown) => void,
): Source<typeof systemStats> {
  /** The limits that subscribers were last told; they outlive a run of the source, as the log's latest value does. */
  let told: SystemLimits = { memory_limit_mb: null, cpu_limit_cores: null }
  return async (controls) => {
    const pace = createPace(clock, controls.signal)
    for (let isStart = true; ; isStart = false) {
      const limits = await read.limits().catch(onError)
      const stats = await read.stats().then(statsOf).catch(onError)
      if (controls.signal.aborted) return
      if (limits && (!isEqual(limits, told) || (isStart && hasLimit(limits)))) {
        controls.publish('limits', limits)
        told = limits
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
  if (!Number.isFinite(cpuPercent)) throw new Error(`The CPU load cannot be read: ${cpuPercent} %.`)
  // An `availableBytes` of 0 is what the reader gives without MemAvailable; a machine that runs has some.
  if (!(availableBytes > 0 && availableBytes <= totalBytes && totalBytes < Infinity))
    throw new Error(
      `The memory cannot be read: ${availableBytes} bytes available of ${totalBytes} bytes.`,
    )
  const usedBytes = totalBytes - availableBytes
  return {
    cpu_percent: percent(cpuPercent),
    memory_percent: percent((usedBytes / totalBytes) * 100),
    memory_used_mb: round(usedBytes / MEGABYTE),
    memory_total_mb: round(totalBytes / MEGABYTE),
  }
}

/** Two readings of counters a moment apart can come out a hair outside the scale. */
function percent(value: number): number {
  return round(Math.min(100, Math.max(0, value)))
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
