import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './run.mjs'

const REPOSITORY = /^https:\/\/github\.com\/downlink-sse\/downlink\/(?:blob|tree)\/main\//
/** The npm scripts of the workspace and of its packages. */
const scripts = ['', ...projects('libs'), ...projects('apps')].flatMap((folder) =>
  Object.keys(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).scripts ?? {}),
)

/** Every Markdown file of the repository. */
const documents = ['', 'docs', ...projects('libs'), ...projects('apps'), 'libs/protocol/vectors']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.md'))

describe.each(documents)('%s', (document) => {
  const text = readFileSync(join(root, document), 'utf8')

  it('links only to files that exist', () => {
    const links = all(/\]\(([^)#\s]+)[^)]*\)/g).map((target) => {
      if (REPOSITORY.test(target)) return target.replace(REPOSITORY, '')
      return /^[a-z]+:/.test(target) ? '' : join(dirname(document), target)
    })
    expect(links.filter(isMissing)).toEqual([])
  })

  it('names only files and folders that exist', () => {
    const paths = all(/`((?:apps|libs|tools|docs)\/[\w@./-]+)`/g)
    // CONTRIBUTING.md explains how to add a stream with this name.
    const isExample = (/** @type {string} */ path) => /weather/i.test(path)
    expect(paths.filter((path) => isMissing(path) && !isExample(path))).toEqual([])
  })

  it('names only npm scripts that exist', () => {
    const named = all(/\bnpm run ([\w:]+)/g)
    expect(named.filter((name) => !scripts.includes(name))).toEqual([])
  })

  /** @param {RegExp} pattern with one group */
  function all(pattern) {
    return [...text.matchAll(pattern)].map(([, group = '']) => group)
  }
})

/** @param {string} path */
function isMissing(path) {
  return !existsSync(join(root, path))
}

/** @param {string} folder */
function projects(folder) {
  return readdirSync(join(root, folder)).map((name) => join(folder, name))
}
