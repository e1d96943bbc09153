import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from './free-port.mjs'
import { root } from './run.mjs'

const exec = promisify(execFile)
const readme = readFileSync(join(root, 'README.md'), 'utf8')
/** Inside the workspace, so that the packages are found as they are from any of its projects. */
const cache = join(root, '.cache')
const LIMIT_MS = 30_000

/** @type {(() => unknown)[]} */
const cleanUps = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

describe('the README', { timeout: LIMIT_MS }, () => {
  it('has an example that compiles', async () => {
    const folder = writeExample(3000)
    const config = {
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: { types: ['node'], lib: ['ES2022', 'DOM', 'DOM.AsyncIterable'] },
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const { stdout } = await exec('npx', ['tsc', '-p', folder], { cwd: root }).catch(
      (/** @type {{ stdout: string }} */ error) => error,
    )
    expect(stdout).toBe('')
  })

  it('has an example that runs', async () => {
    const folder = writeExample(await freePort())
    runTypeScript(join(folder, 'server.ts'))
    const client = runTypeScript(join(folder, 'client.ts'))
    const [printed] = await once(client.stdout, 'data')
    expect(String(printed)).toBe('typed on both ends\n')
  })

  it('has curl lines that show each stream', async () => {
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
      // curl ends with 28 at its time limit, as a stream that goes on must.
      const { stdout } = await exec('curl', ['-sN', '--max-time', '2', here]).catch(
        (/** @type {{ stdout: string }} */ error) => error,
      )
      return { address, data: stdout.includes('data: ') }
    })
    expect((await Promise.all(streams)).filter(({ data }) => !data)).toEqual([])
  })
})

/** The files of the example, as the README has them but for the port, in a folder that is removed. @param {number} port */
function writeExample(port) {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'readme-'))
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
  const blocks = [...readme.matchAll(/```ts\n\/\/ (\S+\.ts)\n([^`]+)```/g)]
  expect(blocks.map(([, name]) => name)).toEqual(['notes.ts', 'server.ts', 'client.ts'])
  for (const [, name = '', code = ''] of blocks) {
    writeFileSync(join(folder, name), code.replaceAll('3000', String(port)))
  }
  return folder
}

/** @param {string} file */
function runTypeScript(file) {
  return start(process.execPath, ['--import', 'tsx', '--conditions=@downlink/source', file], {})
}

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} env */
function start(command, args, env) {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  cleanUps.push(() => child.kill('SIGKILL'))
  return child
}
