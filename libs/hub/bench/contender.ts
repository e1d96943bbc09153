/** A contender of the bench: one of the peers in a separate process, or nginx with nchan. */
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromServer, ToServer } from './server-process.ts'

export interface Pace {
  readonly ticks: number
  readonly perTick: number
  readonly tickMs: number
  readonly bytes: number
}

export interface Measure {
  /** Since the process started. */
  readonly cpuMs: number
  readonly rssBytes: number
  readonly heapBytes: number
  readonly descriptors: number
  readonly timers: number
  readonly facts: Record<string, number>
}

export interface Contender {
  readonly port: number
  readonly path: string
  readonly webSocket: boolean
  /** Resolves once the last event was published. */
  readonly publish: (pace: Pace) => Promise<void>
  readonly measure: () => Promise<Measure>
  readonly stop: () => void
}

/** Options for a child process that runs TypeScript. It imports the built hub, as it is published. */
export const CHILD_EXEC_ARGV = ['--import', import.meta.resolve('tsx'), '--no-warnings']

export async function startPeer(
  file: string,
  env: Record<string, string> = {},
): Promise<Contender> {
  const child = fork(fileURLToPath(new URL('server-process.ts', import.meta.url)), [file], {
    execArgv: [...CHILD_EXEC_ARGV, '--expose-gc'],
    env: { ...process.env, ...env },
  })
  const { port } = await answer(child, 'listening')
  return {
    port,
    path: '/',
    webSocket: file.startsWith('ws'),
    async publish(pace) {
      tell({ kind: 'publish', ...pace })
      await answer(child, 'published')
    },
    measure() {
      const measured = answer(child, 'measured')
      tell({ kind: 'measure' })
      return measured
    },
    stop: () => void child.kill('SIGKILL'),
  }

  function tell(message: ToServer): void {
    child.send(message)
  }
}

/** Resolves with the next message of a kind. */
export function answer<K extends FromServer['kind']>(
  child: ChildProcess,
  kind: K,
): Promise<FromServer & { kind: K }> {
  return new Promise((resolve, reject) => {
    child.on('message', onMessage)
    child.once('exit', onExit)

    function onMessage(message: FromServer): void {
      if (message.kind !== kind) return
      child.off('message', onMessage)
      child.off('exit', onExit)
      resolve(message as FromServer & { kind: K })
    }
    function onExit(code: number | null): void {
      reject(new Error(`The contender ended with ${String(code)} before it had ${kind}.`))
    }
  })
}
