// Builds the API and the dashboard if their sources or their output have changed since the last build.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { root, run } from './run.mjs'
import { requireWritable, writeStamp } from './stamp.mjs'

const STAMP = join('node_modules', '.built')
const FILES = ['package-lock.json', 'nx.json', 'tsconfig.base.json']
/** The folders with the sources and the build output. */
const FOLDERS = ['apps/api', 'apps/web', 'libs']
const WRITTEN = ['node_modules', '.nx', ...['api', 'web'].map((app) => join('apps', app, 'dist'))]

/** Throws if the build fails. Runs Nx only after a change, because Nx writes its cache on every run. */
export async function build() {
  if (readStamp() === fingerprint()) return
  for (const path of WRITTEN) requireWritable(path, 'to build')
  console.log('Building what changed …')
  const code = await run('nx', ['run-many', '-t', 'build', '-p', 'api', 'web'], { quiet: true })
  if (code !== 0) throw new Error('The build failed. See its messages above.')
  writeStamp(STAMP, fingerprint())
}

function readStamp() {
  const path = join(root, STAMP)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function fingerprint() {
  const hash = createHash('sha256').update(process.version)
  for (const path of [...FILES, ...FOLDERS.flatMap(filesIn)])
    hash.update(`\n${path}\n`).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return filesIn(path)
      return entry.isFile() ? [path] : []
    })
    .sort()
}
