// A port that nobody listens on: for what must be told its port before it listens.
import { once } from 'node:events'
import { createServer } from 'node:net'

/** @returns {Promise<number>} free on the loopback address a moment ago */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return address.port
}
