/** Starts the built API in its own process. */
import { fileURLToPath } from 'node:url'
import { poll } from './poll.ts'
import { startProcess } from './processes.ts'

export interface ApiProcess {
  readonly port: number
  /** The number of open streams, from `/metrics`. */
  openStreams(): Promise<number>
  /** The client addresses in the most recent log lines about closed streams. */
  loggedAddresses(): readonly (string | undefined)[]
  /** Sends SIGTERM and resolves with the exit code or the name of the signal. */
  stop(): Promise<number | string>
}

const MAIN = fileURLToPath(new URL('../../apps/api/dist/main.js', import.meta.url))
const STARTED = /^Downlink is at http:\S+:(\d+)$/m
const CLOSED_STREAM_ADDRESS = /"address":"([^"]*)"[^\n]*"stream closed"/g
const START_TIMEOUT_MS = 20_000

/** @throws Error with the output of the API if it does not start */
export async function startApi(env: Readonly<Record<string, string>>): Promise<ApiProcess> {
  const { child, output, exited } = startProcess(process.execPath, [MAIN], {
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    ...env,
  })
  const port = await poll(() => STARTED.exec(output())?.[1], START_TIMEOUT_MS)
  if (port === undefined) throw new Error(`The API did not start: ${output()}`)
  return {
    port: Number(port),
    async openStreams() {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`)
      return Number(/^sse_connections (\d+)$/m.exec(await response.text())?.[1])
    },
    loggedAddresses: () =>
      [...output().matchAll(CLOSED_STREAM_ADDRESS)].map(([, address]) => address),
    stop() {
      child.kill('SIGTERM')
      return exited
    },
  }
}
