// Installs Debian packages, if this process is root on a system with apt-get.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'

/** Debian runs this script before a package starts its service; exit code 101 prevents the start. */
const POLICY = '/usr/sbin/policy-rc.d'

/**
 * Installs a package without starting its service.
 * @param {string} name
 * @returns {boolean} whether the package is installed now
 */
export function aptGetInstall(name) {
  if (process.getuid?.() !== 0 || !run('sh', ['-c', 'command -v apt-get'])) return false
  const ownPolicy = !existsSync(POLICY)
  if (ownPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    run('apt-get', ['update', '-qq'])
    return run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name])
  } finally {
    if (ownPolicy) rmSync(POLICY, { force: true })
  }
}

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env })
  return status === 0
}
