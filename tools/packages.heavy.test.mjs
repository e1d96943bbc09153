import { chromium } from 'playwright-core'
import { build } from 'esbuild'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
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
const RUNTIMES = ['deno@2.9.6', 'bun@1.4.5']
/** On a busy machine, the compiler alone has taken a minute. */
const INSTALL_LIMIT_MS = 180_000

const ALL_PASSED = { runs: expect.toSatisfy((runs) => runs > 1_000), failed: [] }

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
  // Deno and Bun do not have binaries for every platform; the tests skip a missing runtime.
  await exec('npm', ['install', '--no-audit', '--no-fund', ...RUNTIMES], { cwd: app }).catch(
    () => undefined,
  )
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
