/** What the machine is doing: one reading at once, then one every second. */
import type { systemStats } from '@downlink/protocol/streams'
import { createPace, type Clock } from '../clock.ts'
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

export function systemStatsSource(
  clock: Clock,
  read: () => Promise<Reading>,
): Source<typeof systemStats> {
  return async (controls) => {
    const pace = createPace(clock, controls.signal)
    for (;;) {
      const { cpuPercent, totalBytes, availableBytes } = await read()
      if (controls.signal.aborted) return
      const usedBytes = totalBytes - availableBytes
      controls.publish('message', {
        cpu_percent: percent(cpuPercent),
        memory_percent: percent((usedBytes / totalBytes) * 100),
        memory_used_mb: round(usedBytes / MEGABYTE),
        memory_total_mb: round(totalBytes / MEGABYTE),
      })
      await pace.next(SECOND_MS)
    }
  }
}

/** Two readings of counters a moment apart can come out a hair outside the scale. */
function percent(value: number): number {
  return round(Math.min(100, Math.max(0, value)))
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
