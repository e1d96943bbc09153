/**
 * The exclusive right to a directory. The owner listens on a Unix socket with a random name, and the store has the name:
 * a process that can connect to it knows that the owner lives. The operating system closes the socket when the process
 * ends, for whatever reason. The compare-and-set in LMDB decides between processes that start at the same time.
 */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { LogError } from '@downlink/hub'

export interface Ownership {
  readonly name: string
  release(): void
}

/** The longest path of a Unix socket that every system takes, in bytes. */
const MAX_SOCKET_PATH = 103

export interface OwnerStore {
  /** The name of the present owner. */
  readOwner(): string | undefined
  /** Stores a name if the present one is still the expected; false if it is not. */
  replaceOwner(expected: string | undefined, name: string): boolean
}

/**
 * @throws {LogError} as a rejection: `unavailable` while another process has the directory, `invalid` for a path that is
 *   too long.
 */
export async function takeOwnership(path: string, store: OwnerStore): Promise<Ownership> {
  const name = randomBytes(4).toString('hex')
  const address = addressOf(path, name)
  const server = await listen(address)
  try {
    for (;;) {
      const owner = store.readOwner()
      if (owner !== undefined && (await lives(addressOf(path, owner)))) {
        throw alreadyOpen(path)
      }
      if (store.replaceOwner(owner, name)) {
        if (owner !== undefined) rmSync(addressOf(path, owner), { force: true })
        break
      }
    }
  } catch (error) {
    server.close()
    throw error
  }
  return { name, release: () => void server.close() }
}

function alreadyOpen(path: string): LogError {
  return new LogError(
    'unavailable',
    `${path} is already open. Stop the other process, or use another directory.`,
  )
}

function addressOf(path: string, owner: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\downlink-${owner}`
  const address = join(path, `owner-${owner}`)
  if (Buffer.byteLength(address) <= MAX_SOCKET_PATH) return address
  throw new LogError(
    'invalid',
    `The path ${path} is too long for a socket in it: ${Buffer.byteLength(address)} bytes, and ${MAX_SOCKET_PATH} are possible. Use a shorter path.`,
  )
}

function listen(address: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen(address, () => resolve(server.unref()))
  })
}

function lives(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // Any other failure may be that of a process that is busy.
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    )
  })
}
