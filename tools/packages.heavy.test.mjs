import { chromium } from 'playwright-core'
import { build } from 'esbuild'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchOptions } from './browser.mjs'
import { freePort } from './free-port.mjs'
import { LIBRARIES, pack } from './pack.mjs'
import { EXAMPLE_TSCONFIG, writeExample } from './readme-example.mjs'
import { root } from './run.mjs'

const exec = promisify(execFile)
const REPOSITORY = 'https://github.com/downlink-sse/downlink'
const RUNTIMES = ['deno@2.9.6', 'bun@1.4.5', 'workerd@1.20261117.1']
/** On a busy machine, the compiler alone has taken a minute. */
const INSTALL_LIMIT_MS = 180_000

const ALL_PASSED = { runs: expect.toSatisfy((runs) => runs > 1_000), failed: [] }

/** What tools/consumer/hub.mjs returns in every runtime. */
const HUB_RESULT = {
  live: {
    ...{ outcome: 'fresh', left: 'draining', end: 'ended' },
    received: [
      hello('fresh', 'run-0'),
      ['notes/note', 'a', 'run-1'],
      ['notes/note', 'b', 'run-2'],
      ['notes/note', 'c', 'run-3'],
      bye('run-3'),
    ],
  },
  resumed: {
    ...{ outcome: 'resumed', left: 'draining', end: 'ended' },
    received: [
      hello('resumed', 'run-1'),
      ['notes/note', 'b', 'run-2'],
      ['notes/note', 'c', 'run-3'],
      bye('run-3'),
    ],
  },
  gap: {
    ...{ outcome: 'gap', left: 'draining', end: 'ended' },
    received: [
      hello('gap', 'run-0', 'unknown-epoch'),
      ['notes/note', 'a', 'run-1'],
      ['notes/note', 'b', 'run-2'],
      ['notes/note', 'c', 'run-3'],
      bye('run-3'),
    ],
  },
  fast: { quotes: 21, left: 'draining' },
  conflated: {
    ...{ outcome: 'fresh', left: 'draining', end: 'ended' },
    received: [
      hello('fresh', 'run-0'),
      ['quotes/bid', '0', 'run-1'],
      ['downlink.dropped', JSON.stringify({ topic: 'quotes', count: 16 }), 'run-1'],
      ['quotes/ask', '17', 'run-35'],
      ['quotes/bid', '18', 'run-37'],
      ['quotes/ask', '19', 'run-39'],
      ['quotes/bid', '20', 'run-41'],
      bye('run-41'),
    ],
  },
  disconnected: {
    ...{ outcome: 'fresh', left: 'too-slow', end: 'destroyed' },
    received: [hello('fresh', 'run-0'), ['notes/note', '0', 'run-2']],
  },
  plain: { events: [['note', 'from the source']], left: 'draining' },
}

/** An app outside the workspace that installs the packed libraries as a user does. */
const app = mkdtempSync(join(tmpdir(), 'downlink-app-'))
/** @type {Map<string, string>} */
let tarballs

beforeAll(async () => {
  tarballs = await pack(app)
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'app', type: 'module' }))
  await exec(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs.values()],
    {
      cwd: app,
    },
  )
  // The runtimes do not have binaries for every platform. Each is installed on its own, so that a missing one does not
  // remove the others; the tests skip it.
  for (const runtime of RUNTIMES) {
    await exec('npm', ['install', '--no-audit', '--no-fund', runtime], { cwd: app }).catch(
      () => undefined,
    )
  }
  // The compiler, the bundler and the types of Node come from the workspace.
  for (const tool of ['typescript', 'vite', '@types']) {
    await symlink(join(root, 'node_modules', tool), join(app, 'node_modules', tool), 'dir')
  }
}, INSTALL_LIMIT_MS)

afterAll(() => rmSync(app, { recursive: true, force: true }))

describe.each(LIBRARIES)('the package @downlink/%s', (library) => {
  it('passes publint', async () => {
    const pkgDir = join(root, 'libs', library)
    const manifest = JSON.parse(readFileSync(join(pkgDir, 'package.json'), 'utf8'))
    const { messages } = await publint({ pkgDir, strict: true, pack: 'npm' })
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([])
  })

  it('has types that resolve under NodeNext and in bundlers', async () => {
    const tarball = readFileSync(tarballs.get(library) ?? '')
    const analysis = await checkPackage(createPackageFromTarballData(tarball))
    if (!analysis.types) throw new Error('The package has no types.')
    // The packages are ESM only: resolution by CommonJS and Node 10 is not supported.
    const supported = analysis.problems.filter(
      (problem) =>
        !('resolutionKind' in problem) ||
        ['node16-esm', 'bundler'].includes(problem.resolutionKind),
    )
    expect(supported).toEqual([])
  })

  it('contains no tests and no build configuration', async () => {
    const files = await list(join(app, 'node_modules', '@downlink', library))
    expect(files).toContain('package.json')
    expect(files.filter((file) => /\.test|tsbuildinfo|vitest|tsconfig/.test(file))).toEqual([])
  })

  it('contains the license of the repository', () => {
    expect(readPackaged(library, 'LICENSE')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'))
  })

  it('has a README whose links work outside the repository', () => {
    const links = [...readPackaged(library, 'README.md').matchAll(/\]\(([^)#\s]+)/g)]
    const relative = links.map(([, target = '']) => target).filter((to) => !/^https:/.test(to))
    const installed = join(app, 'node_modules', '@downlink', library)
    const missing = relative.filter((to) => to.includes('..') || !existsSync(join(installed, to)))
    expect(missing).toEqual([])
  })

  it('names its repository, homepage, issue tracker and keywords', () => {
    expect(JSON.parse(readPackaged(library, 'package.json'))).toMatchObject({
      license: 'MIT',
      repository: { url: `git+${REPOSITORY}.git`, directory: `libs/${library}` },
      homepage: `${REPOSITORY}/tree/main/libs/${library}#readme`,
      bugs: `${REPOSITORY}/issues`,
      keywords: expect.arrayContaining(['server-sent-events', 'typescript']),
    })
  })

  it('depends on the other packages by version', () => {
    const { dependencies, version } = JSON.parse(readPackaged(library, 'package.json'))
    const internal = Object.keys(dependencies).filter((name) => name.startsWith('@downlink/'))
    expect(internal.map((name) => dependencies[name])).toEqual(internal.map(() => version))
  })
})

describe('an app that installs the packages', { timeout: INSTALL_LIMIT_MS }, () => {
  const consumer = join(root, 'tools', 'consumer')

  beforeAll(() => cp(consumer, app, { recursive: true }))

  describe.each([
    ['Node', [process.execPath]],
    ['Deno', [bin('deno'), 'run', '--allow-all', '--node-modules-dir=manual']],
    ['Bun', [bin('bun')]],
  ])('in plain %s', (_, command) => {
    it('runs the packages', async (context) => {
      if (!existsSync(command[0] ?? '')) context.skip('no binary for this platform')
      expect(await output(command, 'plain.mjs')).toEqual({
        decoded: [{ event: 'note', data: 'two\nlines', id: '7' }],
        unpacked: { event: 'note', data: { text: 'typed' }, id: '' },
        received: ['first', 'second'],
      })
    })

    it('passes the wire vectors', async (context) => {
      if (!existsSync(command[0] ?? '')) context.skip('no binary for this platform')
      expect(await output(command, 'vectors.mjs')).toEqual(ALL_PASSED)
    })

    it('runs the core of the hub', async (context) => {
      if (!existsSync(command[0] ?? '')) context.skip('no binary for this platform')
      expect(await output(command, 'hub-print.mjs')).toEqual(HUB_RESULT)
    })
  })

  it('runs the core of the hub in workerd, without modules and globals of Node', async (context) => {
    if (!existsSync(bin('workerd'))) context.skip('no binary for this platform')
    await build({
      entryPoints: [join(app, 'hub-worker.mjs')],
      bundle: true,
      format: 'esm',
      platform: 'neutral',
      outfile: join(app, 'hub-worker.js'),
    })
    const { url, stop } = await serveWorker('workerd.capnp')
    try {
      const response = await fetch(url)
      expect(response.status).toBe(200)
      expect(await response.json()).toEqual({ globalsOfNode: [], result: HUB_RESULT })
    } finally {
      await stop()
    }
  })

  it('passes the wire vectors in Chromium', async () => {
    const { outputFiles } = await build({
      entryPoints: [join(app, 'vectors.mjs')],
      bundle: true,
      format: 'iife',
      write: false,
    })
    const browser = await chromium.launch(launchOptions())
    try {
      const page = await browser.newPage()
      const printed = page.waitForEvent('console')
      await page.evaluate(outputFiles[0]?.text ?? '')
      expect(JSON.parse((await printed).text())).toEqual(ALL_PASSED)
    } finally {
      await browser.close()
    }
  })

  it.each([
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ])('compiles with module %s and resolution %s', async (module, resolution) => {
    const { stdout } = await exec(
      process.execPath,
      [
        ...['node_modules/typescript/bin/tsc', 'typed.ts', '--noEmit', '--strict'],
        ...['--target', 'ES2022', '--lib', 'ES2022,DOM,DOM.AsyncIterable', '--types', 'node'],
        ...['--module', module, '--moduleResolution', resolution],
      ],
      { cwd: app },
    ).catch((/** @type {{ stdout: string }} */ error) => error)
    expect(stdout).toBe('')
  })

  it('compiles and runs the example of the README', async () => {
    const folder = join(app, 'example')
    await mkdir(folder)
    const ports = { server: await freePort(), page: await freePort() }
    writeExample(folder, ports)
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(EXAMPLE_TSCONFIG))
    const tsc = join(app, 'node_modules', 'typescript', 'bin', 'tsc')
    const { stdout } = await exec(process.execPath, [tsc, '-p', folder]).catch(
      (/** @type {{ stdout: string }} */ error) => error,
    )
    expect(stdout).toBe('')

    const server = spawn(process.execPath, ['server.js'], { cwd: folder, stdio: 'inherit' })
    try {
      const url = `http://localhost:${ports.server}`
      const response = await fetchOnceOpen(url)
      expect(response.headers.get('access-control-allow-origin')).toBe(
        `http://localhost:${ports.page}`,
      )
      const text = response.body?.pipeThrough(new TextDecoderStream()) ?? []
      let received = ''
      for await (const chunk of text) {
        received += chunk
        if (received.includes('Note 1')) break
      }
      expect(received).toContain('event: notes/added')
    } finally {
      server.kill()
    }
  })

  it('bundles the packages with Vite', async () => {
    await exec(
      process.execPath,
      ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error'],
      {
        cwd: app,
      },
    )
    const files = await list(join(app, 'dist'))
    expect(files.some((file) => file.endsWith('.js'))).toBe(true)
  })
})

/** @param {string} name */
function bin(name) {
  return join(app, 'node_modules', '.bin', name)
}

/** Runs a file of the app and parses its output as JSON. @param {string[]} command @param {string} file */
async function output([command = '', ...args], file) {
  const { stdout } = await exec(command, [...args, file], { cwd: app })
  return JSON.parse(stdout)
}

/**
 * Runs workerd until `stop` and resolves once it listens.
 * @param {string} config
 */
async function serveWorker(config) {
  // The program itself: `bin` may be a script that starts it and that leaves it running when it is killed.
  /** @type {{ default: string }} */
  const { default: workerd } = createRequire(join(app, 'package.json'))('workerd')
  const server = spawn(workerd, ['serve', config, '--control-fd=3'], {
    cwd: app,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  })
  const exited = once(server, 'exit')
  const stop = async () => {
    server.kill()
    await exited
  }
  const control = /** @type {import('node:stream').Readable} */ (server.stdio[3])
  for await (const line of createInterface(control)) {
    const { event, port } = JSON.parse(line)
    if (event === 'listen') return { url: `http://127.0.0.1:${port}`, stop }
  }
  throw new Error(`workerd does not serve ${config}: see its message above.`)
}

/** @param {string} outcome @param {string} id @param {string} [reason] */
function hello(outcome, id, reason) {
  return ['downlink.hello', JSON.stringify({ heartbeatMs: 15_000, outcome, reason }), id]
}

/** @param {string} id */
function bye(id) {
  return ['downlink.bye', JSON.stringify({ reason: 'draining', reconnectMs: 0 }), id]
}

/** @param {string} library @param {string} file */
function readPackaged(library, file) {
  return readFileSync(join(app, 'node_modules', '@downlink', library, file), 'utf8')
}

/** Retries while no process listens on the port yet. @param {string} url @returns {Promise<Response>} */
async function fetchOnceOpen(url) {
  try {
    return await fetch(url)
  } catch {
    await sleep(50)
    return fetchOnceOpen(url)
  }
}

/** @param {string} folder */
async function list(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}
