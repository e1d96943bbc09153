/** Child processes and temporary folders that never outlive this process: it ends them when it exits, for any reason. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface StartedProcess {
  readonly child: ChildProcess
  /** What it has written to stdout and stderr, at most the last 64 KB. */
  readonly output: () => string
  /** Resolves with its exit code, or the name of the signal that ended it. */
  readonly exited: Promise<number | string>
}

const MAX_OUTPUT_LENGTH = 65_536
/** The exit code of a shell for a command that Ctrl-C ended. */
const INTERRUPTED = 130

/** How long a process may take to end after SIGTERM. */
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
    // A second signal does not wait for the processes.
    if (interrupted) process.exit(INTERRUPTED)
    interrupted = true
    void endProcesses().then(() => process.exit(INTERRUPTED))
  })

/** Ends every process that is running; servers end their workers first. */
export async function endProcesses(): Promise<void> {
  const ended = [...running.values()].map(({ child, exited }) => {
    child.kill('SIGTERM')
    return exited
  })
  const timeout = new Promise((resolve) => setTimeout(resolve, END_TIMEOUT_MS))
  await Promise.race([Promise.all(ended), timeout])
}

/** Starts a program in a process group of its own, so that its workers can be ended with it. */
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

/** A new folder that other users may enter: the workers of a server give up root. */
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
    // The group has ended already.
  }
}
