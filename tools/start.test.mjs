import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import process from 'node:process'
import { afterEach, describe, expect, it } from 'vitest'
import { root } from './run.mjs'

const READY_LIMIT_MS = 60_000
/** @type {(() => void)[]} */
const cleanUps = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

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

  it('serves the dashboard and the API on one port', async () => {
    const app = start({ PORT: '0' })
    const url = await app.address
    const page = await fetch(url)
    expect(await page.text()).toContain('<title>')
    expect((await fetch(`${url}/livez`)).status).toBe(200)
  })

  it('says in one line that its port is busy, and what to do', async () => {
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

  it('says in one line which setting is bad, and what it may be', async () => {
    const app = start({ PORT: 'eight thousand' })
    expect(await app.ended).not.toBe(0)
    expect(app.ownErrors()).toEqual([expect.stringMatching(/PORT.*eight thousand/)])
  })
})

/** @param {NodeJS.ProcessEnv} env */
function start(env) {
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
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
    void ended.then(() => reject(new Error(`npm start ended before it served: ${output}${errors}`)))
  })
  address.catch(() => undefined)
  return {
    pid,
    address,
    ended,
    errors: () => errors,
    /** What the program itself said; npm adds lines of its own. */
    ownErrors: () => errors.split('\n').filter((line) => line !== '' && !line.startsWith('npm ')),
  }
}

/** @param {number} pid */
function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // The group has ended already, as it should.
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
