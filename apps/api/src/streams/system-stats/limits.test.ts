import { expect, test } from 'vitest'
import { createLimitsReader } from './limits.ts'

/** Limits as read from these files, on a machine of 1,000 MB and 4 cores. */
function read(files: Record<string, string>) {
  return createLimitsReader({
    readText: (path) =>
      path in files ? Promise.resolve(files[path] ?? '') : Promise.reject(new Error('ENOENT')),
    totalBytes: 1_000 * 2 ** 20,
    cores: 4,
  })()
}

const NONE = { memory_limit_mb: null, cpu_limit_cores: null }
const MB = 2 ** 20

test.each([
  [
    'version 2',
    {
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/memory.max': `${512 * MB}\n`,
      '/sys/fs/cgroup/cpu.max': '150000 100000\n',
    },
    { memory_limit_mb: 512, cpu_limit_cores: 1.5 },
  ],
  [
    'version 2 with a lower limit on an ancestor',
    {
      '/proc/self/cgroup': '0::/service/web\n',
      '/sys/fs/cgroup/service/web/memory.max': 'max\n',
      '/sys/fs/cgroup/service/web/cpu.max': '200000 100000\n',
      '/sys/fs/cgroup/service/memory.max': `${256 * MB}\n`,
      '/sys/fs/cgroup/service/cpu.max': '50000 100000\n',
    },
    { memory_limit_mb: 256, cpu_limit_cores: 0.5 },
  ],
  [
    'version 1 with the host path of a container',
    {
      '/proc/self/cgroup': '5:memory:/docker/7f3a\n4:cpu,cpuacct:/docker/7f3a\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${300.5 * MB}\n`,
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '75000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '50000\n',
    },
    { memory_limit_mb: 300.5, cpu_limit_cores: 1.5 },
  ],
  [
    'version 1 without limits',
    {
      '/proc/self/cgroup': '5:memory:/\n4:cpu,cpuacct:/\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    },
    NONE,
  ],
  [
    'version 2 with limits above the machine',
    {
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/memory.max': `${2_000 * MB}\n`,
      '/sys/fs/cgroup/cpu.max': '800000 100000\n',
    },
    NONE,
  ],
  ['no control groups', {}, NONE],
  ['malformed files', { '/proc/self/cgroup': 'x', '/sys/fs/cgroup/memory.max': '' }, NONE],
])('reads the limits of %s', async (_, files, limits) => {
  expect(await read(files)).toEqual(limits)
})

test('reads the limits of this process', async () => {
  const { memory_limit_mb, cpu_limit_cores } = await createLimitsReader()()
  expect(memory_limit_mb ?? 1).toBeGreaterThan(0)
  expect(cpu_limit_cores ?? 1).toBeGreaterThan(0)
})
