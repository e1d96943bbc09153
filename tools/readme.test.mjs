import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { createServer } from 'vite'
import { afterEach, describe, expect, it } from 'vitest'
import { launchOptions } from './browser.mjs'
import { freePort } from './free-port.mjs'
import { EXAMPLE_TSCONFIG, writeExample } from './readme-example.mjs'
import { root } from './run.mjs'

const exec = promisify(execFile)
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const LIMIT_MS = 60_000

/** @type {(() => unknown)[]} */
const cleanUps = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

describe('the README', { timeout: LIMIT_MS }, () => {
  it('has an example that compiles', async () => {
    const folder = exampleFolder()
    writeExample(folder)
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(EXAMPLE_TSCONFIG))
    const { stdout } = await exec('npx', ['tsc', '-p', folder], { cwd: root }).catch(
      (/** @type {{ stdout: string }} */ error) => error,
    )
    expect(stdout).toBe('')
  })

  it('has an example that shows events in a browser and resumes across origins', async () => {
    const folder = exampleFolder()
    const ports = { server: await freePort(), page: await freePort() }
    writeExample(folder, ports)
    const server = start(process.execPath, [join(folder, 'server.js')])
    const vite = await createServer({
      root: folder,
      configFile: false,
      logLevel: 'error',
      server: { port: ports.page, strictPort: true },
    })
    cleanUps.push(() => vite.close())
    await vite.listen()
    const browser = await chromium.launch(launchOptions())
    cleanUps.push(() => browser.close())
    const page = await browser.newPage()
    await page.goto(`http://localhost:${ports.page}`)
    await page.getByText('Note 1', { exact: true }).waitFor()
    await page.getByText('Note 2', { exact: true }).waitFor()

    // The link reconnects with Last-Event-ID, for which the browser sends a preflight.
    server.kill()
    await once(server, 'exit')
    start(process.execPath, [join(folder, 'server.js')])
    await page.getByText('Note 1', { exact: true }).nth(1).waitFor()
  })

  it('has curl commands that each receive events', async () => {
    const api = start(process.execPath, ['apps/api/dist/main.js'], {
      PORT: '0',
      LOG_LEVEL: 'silent',
    })
    const [line] = await once(api.stdout, 'data')
    const url = /http:\S+/.exec(String(line))?.[0] ?? ''
    const commands = [...readme.matchAll(/^curl -N '?(http:\/\/localhost:8000[^\s']*)/gm)]
    expect(commands.length).toBeGreaterThanOrEqual(5)
    const streams = commands.map(async ([, address = '']) => {
      const here = address.replace('http://localhost:8000', url)
      // The streams do not end within the time limit, so curl exits with 28.
      const { stdout } = await exec('curl', ['-sN', '--max-time', '2', here]).catch(
        (/** @type {{ stdout: string }} */ error) => error,
      )
      return { address, hasData: stdout.includes('data: ') }
    })
    expect((await Promise.all(streams)).filter(({ hasData }) => !hasData)).toEqual([])
  })
})

/** A folder inside the workspace, where the packages resolve as they do for its projects. */
function exampleFolder() {
  const cache = join(root, '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'readme-'))
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  return folder
}

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
function start(command, args, env = {}) {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  cleanUps.push(() => child.kill('SIGKILL'))
  return child
}
