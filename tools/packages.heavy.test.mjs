import { chromium } from 'playwright-core'
import { build } from 'esbuild'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cp, readdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchOptions } from './browser.mjs'
import { root } from './run.mjs'

const exec = promisify(execFile)
const LIBRARIES = ['protocol', 'hub', 'client']
const RUNTIMES = ['deno@2.9.6', 'bun@1.4.5']
const INSTALL_LIMIT_MS = 60_000

const ALL_PASSED = { runs: expect.toSatisfy((runs) => runs > 1_000), failed: [] }

/** An app of its own, outside the workspace, that installs the libraries as a user would. */
const app = mkdtempSync(join(tmpdir(), 'downlink-app-'))
/** @type {Map<string, string>} */
const tarballs = new Map()

beforeAll(async () => {
  for (const library of LIBRARIES) {
    const { stdout } = await exec('npm', ['pack', '--json', '--pack-destination', app], {
      cwd: join(root, 'libs', library),
    })
    const [packed] = JSON.parse(stdout)
    tarballs.set(library, join(app, packed.filename))
  }
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'app', type: 'module' }))
  await exec(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs.values()],
    {
      cwd: app,
    },
  )
  // Their packages have no binary for every platform.
  await exec('npm', ['install', '--no-audit', '--no-fund', ...RUNTIMES], { cwd: app }).catch(
    () => undefined,
  )
  // The compiler and the bundler that an app would bring itself.
  for (const tool of ['typescript', 'vite', '@types']) {
    await symlink(join(root, 'node_modules', tool), join(app, 'node_modules', tool), 'dir')
  }
}, INSTALL_LIMIT_MS)

afterAll(() => rmSync(app, { recursive: true, force: true }))

describe.each(LIBRARIES)('@downlink/%s as a package', (library) => {
  it('holds what publint asks for', async () => {
    const pkgDir = join(root, 'libs', library)
    const manifest = JSON.parse(readFileSync(join(pkgDir, 'package.json'), 'utf8'))
    const { messages } = await publint({ pkgDir, strict: true, pack: 'npm' })
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([])
  })

  it('has types that are right under NodeNext and in bundlers', async () => {
    const tarball = readFileSync(tarballs.get(library) ?? '')
    const analysis = await checkPackage(createPackageFromTarballData(tarball))
    if (!analysis.types) throw new Error('The package has no types.')
    // ESM only: what CommonJS and Node 10 would resolve is not promised.
    const promised = analysis.problems.filter(
      (problem) =>
        !('resolutionKind' in problem) ||
        ['node16-esm', 'bundler'].includes(problem.resolutionKind),
    )
    expect(promised).toEqual([])
  })

  it('carries no tests and no build information', async () => {
    const files = await list(join(app, 'node_modules', '@downlink', library))
    expect(files).toContain('package.json')
    expect(files.filter((file) => /\.test|tsbuildinfo|vitest|tsconfig/.test(file))).toEqual([])
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
    it('runs them', async (context) => {
      if (!existsSync(command[0] ?? '')) context.skip('has no binary for this platform')
      expect(await output(command, 'plain.mjs')).toEqual({
        decoded: [{ event: 'note', data: 'two\nlines', id: '7' }],
        unpacked: { event: 'note', data: { text: 'typed' }, id: '' },
        received: ['first', 'second'],
      })
    })

    it('passes the wire vectors', async (context) => {
      if (!existsSync(command[0] ?? '')) context.skip('has no binary for this platform')
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
  ])('compiles against them with module %s and resolution %s', async (module, resolution) => {
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

  it('bundles them with Vite', async () => {
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

/** What a file of the app prints, as JSON. @param {string[]} command @param {string} file */
async function output([command = '', ...args], file) {
  const { stdout } = await exec(command, [...args, file], { cwd: app })
  return JSON.parse(stdout)
}

/** @param {string} folder */
async function list(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}
