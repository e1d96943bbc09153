// Finds a free port, for programs that need the number before they listen.
import { once } from 'node:events'
import { createServer } from 'node:net'

/** @returns {Promise<number>} a port that was free on the loopback address just now */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return address.port
}
