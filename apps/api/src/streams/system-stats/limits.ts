/** Reads the limits that this process's control group (cgroup, version 1 or 2) sets, on Linux. */
import { readFile } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import type { SystemLimits } from '@downlink/protocol/streams'

export interface LimitsMachine {
  /** The text of a file; rejects if it cannot be read. */
  readonly readText: (path: string) => Promise<string>
  readonly totalBytes: number
  readonly cores: number
}

const MEGABYTE = 2 ** 20
const ROOT = '/sys/fs/cgroup'

const thisMachine: LimitsMachine = {
  readText: (path) => readFile(path, 'utf8'),
  totalBytes: totalmem(),
  cores: availableParallelism(),
}

/**
 * A limit is null if it is not set, cannot be read, or is not lower than the machine's value. A group is also limited
 * by its ancestors, so each value is the lowest on the path.
 */
export function createLimitsReader(
  machine: LimitsMachine = thisMachine,
): () => Promise<SystemLimits> {
  const { totalBytes, cores } = machine
  return async () => {
    const groups = await readText('/proc/self/cgroup')
    const unified = directoriesOf(groups, '', ROOT)
    const [memoryBytes, cpuCores] = await Promise.all([
      lowest([
        ...unified.map((directory) => numberIn(`${directory}/memory.max`)),
        ...directoriesOf(groups, 'memory', `${ROOT}/memory`).map((directory) =>
          numberIn(`${directory}/memory.limit_in_bytes`),
        ),
      ]),
      lowest([
        ...unified.map(coresOfVersion2),
        ...directoriesOf(groups, 'cpu', `${ROOT}/cpu`).map(coresOfVersion1),
      ]),
    ])
    return {
      memory_limit_mb: memoryBytes < totalBytes ? round(memoryBytes / MEGABYTE) : null,
      cpu_limit_cores: cpuCores < cores ? round(cpuCores) : null,
    }
  }

  async function coresOfVersion2(directory: string): Promise<number> {
    const [quota = '', period = ''] = (await readText(`${directory}/cpu.max`)).split(' ')
    return Number.parseInt(quota) / Number.parseInt(period)
  }

  async function coresOfVersion1(directory: string): Promise<number> {
    const quota = await numberIn(`${directory}/cpu.cfs_quota_us`)
    // -1: no limit.
    return quota > 0 ? quota / (await numberIn(`${directory}/cpu.cfs_period_us`)) : Number.NaN
  }

  async function numberIn(path: string): Promise<number> {
    return Number.parseInt(await readText(path))
  }

  function readText(path: string): Promise<string> {
    return machine.readText(path).catch(() => '')
  }
}

/**
 * The directories of the process's group and of its ancestors, for a controller of version 1, or for version 2 (an
 * empty name). A line of /proc/self/cgroup is `<number>:<controllers, separated by commas>:<path>`. In a container the
 * path may be the host's; then only the last of these, the root of the mount, exists.
 */
function directoriesOf(groups: string, controller: string, root: string): string[] {
  for (const line of groups.split('\n')) {
    const [, controllers = '', ...rest] = line.split(':')
    if (rest.length === 0 || !controllers.split(',').includes(controller)) continue
    const names = rest.join(':').split('/').filter(Boolean)
    return names.map((_, i) => [root, ...names.slice(0, names.length - i)].join('/')).concat(root)
  }
  return []
}

/** Ignores values that are not numbers (`max`, an unreadable file). Infinity if no value is left. */
async function lowest(values: readonly Promise<number>[]): Promise<number> {
  return Math.min(...(await Promise.all(values)).filter((value) => value >= 0))
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
