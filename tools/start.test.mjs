import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { build } from './build.mjs'
import { root } from './run.mjs'

const BASH = '/bin/bash'
const READY_LIMIT_MS = 60_000
const BUILD_LIMIT_MS = 300_000
const NOBODY = { uid: 65_534, gid: 65_534 }
const READ_ONLY = 0o555
const WRITABLE = 0o755
/** @type {(() => void)[]} */
const cleanUps = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

// A build can take longer than the time limit of a test.
beforeAll(build, BUILD_LIMIT_MS)

describe('npm start', { timeout: READY_LIMIT_MS }, () => {
  it.each(['SIGTERM', 'SIGINT'])('ends cleanly on %s with a stream open', async (signal) => {
    const app = start({ PORT: '0', DRAIN_MS: '0' })
    const url = await app.address
    const stream = await fetch(`${url}/stream-time`)
    expect(stream.headers.get('content-type')).toContain('text/event-stream')
    const read = stream.text()

    // A terminal sends Ctrl-C to the whole group; a supervisor sends SIGTERM to npm alone.
    if (signal === 'SIGINT') process.kill(-app.pid, 'SIGINT')
    else process.kill(app.pid, 'SIGTERM')
    await app.ended
    expect(await read).toContain('data: The time is')
    await expect.poll(() => isServed(url)).toBe(false)
    expect(app.errors()).not.toContain('Error')
  })

  it.each([
    ['SIGTERM to npm', 'SIGTERM', false],
    // systemd and terminals signal the whole group.
    ['SIGTERM to the process group', 'SIGTERM', true],
    ['SIGINT to the process group', 'SIGINT', true],
  ])('ends every stream with downlink.bye on %s', async (_, signal, toGroup) => {
    // bash replaces itself with its command, so the server also gets the signal that npm forwards: a second time if the
    // whole group was signalled.
    const shell = existsSync(BASH) ? { npm_config_script_shell: BASH } : {}
    const app = start({ PORT: '0', DRAIN_MS: '1000', ...shell })
    const url = await app.address
    const open = () => fetch(`${url}/events?topic=time`)
    const streams = await Promise.all(Array.from({ length: 10 }, open))
    const read = streams.map((stream) => stream.text())
    process.kill(toGroup ? -app.pid : app.pid, signal)
    for (const events of await Promise.all(read)) expect(events).toContain('event: downlink.bye')
    await app.ended
  })

  // Only root can start a process as another user.
  it.skipIf(process.getuid?.() !== 0)(
    'serves an existing build as a user without write access',
    async () => {
      const app = start({ PORT: '0', HOME: '/nonexistent' }, NOBODY)
      const page = await fetch(await app.address)
      expect(await page.text()).toContain('<title>')
    },
  )

  it('prints one line with the folder that it cannot write', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'downlink-'))
    cleanUps.push(() => rmSync(folder, { recursive: true }))
    await cp(join(root, 'tools'), join(folder, 'tools'), { recursive: true })
    for (const name of ['package.json', 'package-lock.json'])
      await cp(join(root, name), join(folder, name))
    for (const name of ['apps', 'libs']) await mkdir(join(folder, name))
    await chmod(folder, READ_ONLY)
    const child = spawn(process.execPath, [join(folder, 'tools', 'start.mjs')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(process.getuid?.() === 0 ? NOBODY : {}),
    })
    const errors = text(child.stderr)
    expect(await once(child, 'close')).toEqual([1, null])
    await chmod(folder, WRITABLE)
    expect(await errors).toMatch(/^Cannot write to \S+ to install packages \(EACCES\)\.[^\n]+\n$/)
    expect(await errors).toContain(` ${folder} `)
  })

  it('serves the dashboard and the API on one port', async () => {
    const app = start({ PORT: '0' })
    const url = await app.address
    const page = await fetch(url)
    expect(await page.text()).toContain('<title>')
    expect((await fetch(`${url}/livez`)).status).toBe(200)
  })

  it('prints one line with advice when its port is in use', async () => {
    const other = createServer().listen(0)
    cleanUps.push(() => other.close())
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' ? address?.port : undefined

    const app = start({ PORT: String(port) })
    expect(await app.ended).not.toBe(0)
    expect(app.ownErrors()).toEqual([
      expect.stringMatching(new RegExp(`Port ${port} is in use.*PORT=`)),
    ])
  })

  it('prints one line with the name and the value of an invalid setting', async () => {
    const app = start({ PORT: 'eight thousand' })
    expect(await app.ended).not.toBe(0)
    expect(app.ownErrors()).toEqual([expect.stringMatching(/PORT.*eight thousand/)])
  })
})

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {{ uid?: number, gid?: number }} [user]
 */
function start(env, user = {}) {
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...user,
  })
  const pid = child.pid
  if (pid === undefined) throw new Error('npm could not be started.')
  const ended = once(child, 'close').then(([code]) => code)
  cleanUps.push(() => endGroup(pid))
  let errors = ''
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  /** @type {Promise<string>} */
  const address = new Promise((resolve, reject) => {
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += String(chunk)
      const match = /http:\/\/localhost:\d+/.exec(output)
      if (match) resolve(match[0])
    })
    void ended.then(() =>
      reject(new Error(`npm start ended before it was ready: ${output}${errors}`)),
    )
  })
  address.catch(() => undefined)
  return {
    pid,
    address,
    ended,
    errors: () => errors,
    /** The error output without the lines of npm. */
    ownErrors: () => errors.split('\n').filter((line) => line !== '' && !line.startsWith('npm ')),
  }
}

/** @param {number} pid */
function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // The group has already ended.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
  }
}

/** @param {string} url */
async function isServed(url) {
  return fetch(url).then(
    () => true,
    () => false,
  )
}
