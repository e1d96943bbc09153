/** Starts a proxy in its own process, in front of one server. */
import { connect } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../free-port.mjs'
import { poll } from './poll.ts'
import { startProcess, temporaryFolder } from './processes.ts'
import { forServer, type ProxyProgram } from './proxy-programs.ts'

const START_TIMEOUT_MS = 10_000

/**
 * Resolves with its port when it listens.
 * @throws Error with its output if it does not start
 */
export async function startProxy(
  program: ProxyProgram,
  executable: string,
  site: string,
  serverPort: number,
): Promise<number> {
  const folder = temporaryFolder()
  const port = await freePort()
  const file = join(folder, 'proxy.conf')
  writeFileSync(file, program.configuration(forServer(site, serverPort), folder, port))
  const { output, exited } = startProcess(executable, program.args(file, folder))
  const listens = poll(async () => (await accepts(port)) || undefined, START_TIMEOUT_MS)
  const isListening = await Promise.race([listens, exited.then(() => false)])
  if (isListening !== true) throw new Error(`${program.name} did not start: ${output()}`)
  return port
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => finish(true))
    socket.once('error', () => finish(false))

    function finish(listens: boolean): void {
      socket.destroy()
      resolve(listens)
    }
  })
}
