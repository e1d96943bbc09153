/** Listens, or says in one line why that cannot be and what to change. */
import type { Server } from 'node:http'
import type { Config } from './config.ts'
import { StartError } from './errors.ts'

/** @throws StartError `port-busy` or `cannot-listen` */
export function listen(server: Server, { HOST, PORT }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, HOST, PORT)))
    server.listen(PORT, HOST, resolve)
  })
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new StartError(
      'port-busy',
      'PORT',
      `Port ${port} is in use. Stop what uses it, or choose another one: PORT=${port + 1} npm start`,
    )
  if (error.code === 'EACCES')
    return new StartError(
      'cannot-listen',
      'PORT',
      `Port ${port} needs rights that this user has not. Choose one from 1024: PORT=8000 npm start`,
    )
  return new StartError(
    'cannot-listen',
    'HOST',
    `Cannot listen on ${host} (${error.code ?? error.message}). Set HOST to an address of this machine.`,
  )
}
