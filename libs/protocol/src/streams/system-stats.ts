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

export type SystemStats = v.InferOutput<typeof stats>

export const systemStats = defineStream({
  topic: 'system-stats',
  events: { message: json(stats) },
  overflow: 'conflate',
})
