/** Child processes and temporary folders that are removed when this process exits, for any reason. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface StartedProcess {
  readonly child: ChildProcess
  /** The last 64 KB of its output on stdout and stderr. */
  readonly output: () => string
  /** Resolves with the exit code or the name of the signal that ended it. */
  readonly exited: Promise<number | string>
}

const MAX_OUTPUT_LENGTH = 65_536
/** The exit code that a shell reports after Ctrl-C. */
const INTERRUPTED = 130

/** The time limit for a process to end after SIGTERM. */
const END_TIMEOUT_MS = 3_000

const running = new Map<number, StartedProcess>()
const folders = new Set<string>()
let interrupted = false

process.on('exit', () => {
  for (const pid of running.keys()) killGroup(pid)
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    // After a second signal, do not wait for the processes.
    if (interrupted) process.exit(INTERRUPTED)
    interrupted = true
    void endProcesses().then(() => process.exit(INTERRUPTED))
  })

/** Ends all running processes. Servers get SIGTERM first, so that they end their workers. */
export async function endProcesses(): Promise<void> {
  const ended = [...running.values()].map(({ child, exited }) => {
    child.kill('SIGTERM')
    return exited
  })
  const timeout = new Promise((resolve) => setTimeout(resolve, END_TIMEOUT_MS))
  await Promise.race([Promise.all(ended), timeout])
}

/** Starts a program in its own process group, so that its workers can be ended with it. */
export function startProcess(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): StartedProcess {
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const { pid } = child
  let output = ''
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-MAX_OUTPUT_LENGTH)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const exited = new Promise<number | string>((resolve) => {
    child.once('error', (error) => {
      output += error.message
      resolve(error.message)
    })
    child.once('close', (code, signal) => {
      if (pid !== undefined) {
        killGroup(pid)
        running.delete(pid)
      }
      resolve(code ?? signal ?? 'unknown')
    })
  })
  const started = { child, output: () => output, exited }
  if (pid !== undefined) running.set(pid, started)
  return started
}

/** Creates a folder that other users can enter, because the workers of a server do not run as root. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'downlink-soak-'))
  chmodSync(folder, 0o755)
  folders.add(folder)
  return folder
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The group has already ended.
  }
}
