/** Listens on a port or a Unix socket, or fails with one line that says why and what to change. */
import { lstatSync, unlinkSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import type { Config } from '../config.ts'
import { StartError } from '../errors.ts'

/**
 * Replaces the socket file of a process that ended without removing it.
 * @throws StartError `port-busy` or `cannot-listen`
 */
export async function listen(server: Server, { HOST, PORT }: Config): Promise<void> {
  try {
    await bind(server, HOST, PORT)
  } catch (error) {
    if (!(typeof PORT === 'string' && (await isStaleSocket(PORT)))) throw explain(error, HOST, PORT)
    unlinkSync(PORT)
    await bind(server, HOST, PORT).catch((again: unknown) => {
      throw explain(again, HOST, PORT)
    })
  }
}

function bind(server: Server, host: string, port: number | string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    const listening = () => {
      server.off('error', reject)
      resolve()
    }
    if (typeof port === 'string') server.listen(port, listening)
    else server.listen(port, host, listening)
  })
}

/** Whether the path is a socket on which no process listens. */
function isStaleSocket(path: string): Promise<boolean> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return Promise.resolve(false)
  return new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy()
      resolve(false)
    })
    probe.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'))
  })
}

function explain(error: unknown, host: string, port: number | string): Error {
  const { code, message } = error as NodeJS.ErrnoException
  if (typeof port === 'string') {
    return new StartError(
      code === 'EADDRINUSE' ? 'port-busy' : 'cannot-listen',
      'PORT',
      code === 'EADDRINUSE'
        ? `The path ${port} is in use. Stop the process that uses it, or set PORT to another path.`
        : `Cannot create the Unix socket ${port} (${code ?? message}). Set PORT to a path in a folder that exists and is writable.`,
    )
  }
  if (code === 'EADDRINUSE')
    return new StartError(
      'port-busy',
      'PORT',
      `Port ${port} is in use. Stop the process that uses it, or choose another port: PORT=${port + 1} npm start`,
    )
  if (code === 'EACCES')
    return new StartError(
      'cannot-listen',
      'PORT',
      `Permission denied for port ${port}. Use a port above 1023: PORT=8000 npm start`,
    )
  return new StartError(
    'cannot-listen',
    'HOST',
    `Cannot listen on ${host} (${code ?? message}). Set HOST to an address of this machine.`,
  )
}
