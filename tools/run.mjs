// Runs commands of the workspace, and ends them when this process ends.
import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/**
 * Runs a command and resolves with its exit code (128 or more after a signal). Its PATH contains the tools that npm has
 * installed. Several commands can run at the same time.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, quiet?: boolean, background?: boolean }} [options]
 *   quiet: shows the output only if the command fails; background: runs with a lower priority
 * @returns {Promise<number>}
 */
export function run(command, args, { env = {}, quiet = false, background = false } = {}) {
  const bin = join(root, 'node_modules', '.bin')
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    shell: process.platform === 'win32',
  })
  if (background && child.pid !== undefined) {
    setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
  }
  // A signal ends every command and this process; while no command runs, the importing program handles signals.
  if (running.size === 0) for (const signal of SIGNALS) process.on(signal, end)
  running.add(child)
  /** @type {Buffer[]} */
  const output = []
  child.stdout?.on('data', (chunk) => output.push(chunk))
  child.stderr?.on('data', (chunk) => output.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      ended(child)
      reject(error)
    })
    child.on('close', (code) => {
      ended(child)
      if (code !== 0) process.stderr.write(Buffer.concat(output))
      resolve(code ?? 128)
    })
  })
}

/** @param {import('node:child_process').ChildProcess} child */
function ended(child) {
  running.delete(child)
  if (running.size === 0) for (const signal of SIGNALS) process.off(signal, end)
}

/** @param {NodeJS.Signals} signal */
function end(signal) {
  for (const child of running) child.kill(signal)
  process.exit(128 + constants.signals[signal])
}
