import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../server.ts'

async function socketPath() {
  const folder = await mkdtemp(join(tmpdir(), 'downlink-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'api.sock')
}

async function start(path: string) {
  const server = await startServer({ PORT: path, LOG_LEVEL: 'silent' })
  onTestFinished(() => server.close(0))
  return server
}

function statusOf(socketPath: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { Host: 'localhost' }
    const req = request({ socketPath, path, headers, agent: false }, (res) => {
      res.resume()
      res.on('end', () => resolve(res.statusCode))
    })
    req.on('error', reject).end()
  })
}

// A path without a folder is a named pipe on Windows.
const onUnix = test.skipIf(process.platform === 'win32')

onUnix('listens on a Unix socket and removes it at the end', async () => {
  const path = await socketPath()
  const server = await start(path)
  expect(server.url).toBe(`unix:${path}`)
  expect(await statusOf(path, '/time')).toBe(200)
  await server.close(0)
  expect(existsSync(path)).toBe(false)
})

onUnix('replaces the socket of a process that has ended', async () => {
  const path = await socketPath()
  leaveSocket(path)
  await start(path)
  expect(await statusOf(path, '/time')).toBe(200)
})

onUnix('names a socket on which another process listens, and leaves it alone', async () => {
  const path = await socketPath()
  await start(path)
  await expect(start(path)).rejects.toMatchObject({
    code: 'port-busy',
    message: `The path ${path} is in use. Stop the process that uses it, or set PORT to another path.`,
  })
  expect(await statusOf(path, '/time')).toBe(200)
})

onUnix('names a file that is not a socket, and leaves it alone', async () => {
  const path = await socketPath()
  await writeFile(path, '')
  await expect(start(path)).rejects.toMatchObject({ code: 'port-busy' })
  expect(existsSync(path)).toBe(true)
})

onUnix('names a folder that does not exist', async () => {
  const path = join(await socketPath(), 'missing', 'api.sock')
  await expect(start(path)).rejects.toMatchObject({
    code: 'cannot-listen',
    message: expect.stringContaining(path) as string,
  })
})

/** Leaves a socket file behind, like a process that was killed. */
function leaveSocket(path: string): void {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', script])
  expect(existsSync(path)).toBe(true)
}
