// Installs the packages of the workspace if a manifest, the lock file or Node has changed since the last time.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { root, run } from './run.mjs'
import { requireWritable, writeStamp } from './stamp.mjs'

const STAMP = join('node_modules', '.installed')

/** Throws if npm fails, after npm has printed its own message. */
export async function install() {
  const wanted = fingerprint()
  const stamp = join(root, STAMP)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  requireWritable('node_modules', 'to install packages')
  console.log('Installing packages …')
  if ((await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])) !== 0) {
    throw new Error(
      'npm could not install the packages. See its message above. ' +
        'After a change to a package.json, run `npm install` once to update package-lock.json.',
    )
  }
  writeStamp(STAMP, wanted)
}

/** Covers every manifest, the lock file, and the version of Node, which determines native packages. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.version}`)
  for (const path of ['package.json', 'package-lock.json', ...workspaceManifests()]) {
    hash.update(`\n${path}\n`).update(readFileSync(join(root, path)))
  }
  return hash.digest('hex')
}

function workspaceManifests() {
  return ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .map((name) => join(folder, name, 'package.json'))
      .filter((path) => existsSync(join(root, path))),
  )
}
