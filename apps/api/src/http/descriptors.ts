/** Calculates how many connections the limit on open file descriptors (`ulimit -n`) allows. */
import { readdirSync, readFileSync } from 'node:fs'

/** Descriptors kept free for files that are read later, such as those in /proc. */
const SPARE = 32
/** Used where the number of open descriptors cannot be read, as outside Linux. */
const ASSUMED_OPEN = 64

/** Returns undefined when no limit is known. */
export function roomForConnections(): number | undefined {
  const limit = softLimit()
  return limit === undefined ? undefined : Math.max(1, limit - openDescriptors() - SPARE)
}

function softLimit(): number | undefined {
  try {
    const text = readFileSync('/proc/self/limits', 'utf8')
    const limit = Number(/^Max open files\s+(\d+)/m.exec(text)?.[1])
    return Number.isNaN(limit) ? undefined : limit
  } catch {
    return undefined
  }
}

function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return ASSUMED_OPEN
  }
}
