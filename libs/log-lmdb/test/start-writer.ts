/** Runs `writer-process.ts` and reads what it prints. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface WriterProcess {
  /** The seqs of the events that are stored. */
  readonly seqs: readonly number[]
  /** Resolves once this many events are stored. */
  until(count: number): Promise<void>
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>
}

export function startWriter(path: string, durability: 'always' | 'interval'): WriterProcess {
  const script = fileURLToPath(new URL('writer-process.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--conditions=@downlink/source', '--import', 'tsx', script, path, durability],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const exited = once(child, 'exit')
  const seqs: number[] = []
  let check: () => void = () => undefined
  createInterface({ input: child.stdout }).on('line', (line) => {
    seqs.push(...line.split(' ').map(Number))
    check()
  })
  return {
    seqs,
    until: (count) =>
      new Promise((resolve, reject) => {
        check = () => {
          if (seqs.length >= count) resolve()
        }
        check()
        void exited.then(() => reject(new Error(`The writer ended after ${seqs.length} events.`)))
      }),
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
