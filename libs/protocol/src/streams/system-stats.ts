/** CPU and memory use of the server's machine, once per second. */
import * as v from 'valibot'
import { defineStream, json } from '../index.ts'

const percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100))
const megabytes = v.pipe(v.number(), v.minValue(0))

const stats = v.object({
  cpu_percent: percent,
  memory_percent: percent,
  /** Total minus available memory, in MB of 2^20 bytes. */
  memory_used_mb: megabytes,
  memory_total_mb: megabytes,
})

/** The limits that the server's control group (cgroup) sets below what the machine has. */
const limits = v.object({
  /** In MB of 2^20 bytes; null without a limit. */
  memory_limit_mb: v.nullable(megabytes),
  /** CPU time per time, in cores: 0.5 is half of one core; null without a limit. */
  cpu_limit_cores: v.nullable(v.pipe(v.number(), v.minValue(0))),
})

export type SystemLimits = v.InferOutput<typeof limits>
export type SystemStats = v.InferOutput<typeof stats>

export const systemStats = defineStream({
  topic: 'system-stats',
  /** `limits` comes when the source starts, where a limit applies, and whenever a limit changes. */
  events: { message: json(stats), limits: json(limits) },
  overflow: 'conflate',
})
