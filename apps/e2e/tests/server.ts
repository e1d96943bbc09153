// The real API as a process of its own, so that a test can kill it and bring it back on the same port.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../tools/free-port.mjs'

const MAIN = fileURLToPath(new URL('../../api/dist/main.js', import.meta.url))
/** A guard against a hang: a loaded machine takes more than ten seconds. */
const START_LIMIT_MS = 60_000
const POLL_MS = 25

export interface ApiServer {
  readonly port: number
  readonly url: string
  start(): Promise<void>
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Ends it as a deployment would: SIGTERM, then the exit code. */
  terminate(): Promise<number | null>
}

export async function createApiServer(env: NodeJS.ProcessEnv = {}): Promise<ApiServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null) return ending?.exitCode ?? null
    const exited = once(ending, 'exit')
    ending.kill(signal)
    const [code] = (await exited) as [number | null]
    return code
  }

  return {
    port,
    url,
    async start() {
      child = spawn(process.execPath, [MAIN], {
        env: { ...process.env, PORT: String(port), LOG_LEVEL: 'silent', ...env },
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      await answers(`${url}/livez`, child)
    },
    async kill() {
      await end('SIGKILL')
    },
    terminate: () => end('SIGTERM'),
  }
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_LIMIT_MS
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`The API ended with ${child.exitCode} at start.`)
    const response = await fetch(url).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new Error(`The API did not answer at ${url} within ${START_LIMIT_MS} ms.`)
}
