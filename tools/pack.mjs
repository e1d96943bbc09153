// `npm run pack`: builds the libraries and packs them as tarballs into dist/, for apps outside the workspace.
import './check-node.mjs'
import { mkdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { install } from './install.mjs'
import { root, run } from './run.mjs'

export const LIBRARIES = ['protocol', 'hub', 'client', 'log-lmdb']

/**
 * Packs the built libraries and returns the path of each tarball by library.
 * @param {string} folder where the tarballs are written
 * @returns {Promise<Map<string, string>>}
 */
export async function pack(folder) {
  mkdirSync(folder, { recursive: true })
  const paths = LIBRARIES.map((library) => join(root, 'libs', library))
  const args = ['pack', '--pack-destination', folder, ...paths]
  if ((await run('npm', args, { quiet: true })) !== 0) throw new Error('npm pack failed.')
  return new Map(
    paths.map((path, at) => {
      const { name, version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
      const tarball = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`
      return [LIBRARIES[at] ?? '', join(folder, tarball)]
    }),
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await install()
  const built = await run('nx', ['run-many', '-t', 'build', '-p', LIBRARIES.join()], {
    quiet: true,
  })
  if (built !== 0) process.exit(built)
  const tarballs = await pack(join(root, 'dist'))
  for (const path of tarballs.values()) console.log(relative(root, path))
}
