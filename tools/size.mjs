// The size of each entry of the libraries in an app: bundled, minified and gzipped. `node tools/size.mjs` prints the current
// and the recorded sizes; `node tools/size.mjs --update` records the current ones in sizes.json.
import { build } from 'esbuild'
import { readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { root } from './run.mjs'

const TABLE = new URL('sizes.json', import.meta.url)
/** The largest allowed ratio of a size to the recorded one. */
export const MAX_GROWTH = 1.1

/** The code to bundle, by title. */
export const ENTRIES = {
  'protocol: the decoder': "export { createDecoder } from '@downlink/protocol/sse'",
  'protocol: all of /sse': "export * from '@downlink/protocol/sse'",
  'protocol: defineStream, pack and unpack':
    "export { defineStream, json, pack, text, unpack } from '@downlink/protocol'",
  'client: createLink': "export { createLink } from '@downlink/client'",
  'client: EventSource': "export { EventSource } from '@downlink/client/event-source'",
}

/**
 * The recorded sizes in bytes, by title.
 * @returns {Record<string, number>}
 */
export function recordedSizes() {
  return JSON.parse(readFileSync(TABLE, 'utf8'))
}

/**
 * The current sizes in bytes: the initial load of each entry by its title, and each chunk that it loads later by its title
 * and the name of the chunk. Requires built libraries.
 */
export async function currentSizes() {
  /** @type {Record<string, number>} */
  const sizes = {}
  for (const [title, code] of Object.entries(ENTRIES)) {
    const { now, later } = await measure(code)
    sizes[title] = now
    for (const [chunk, bytes] of Object.entries(later)) sizes[`${title}, later: ${chunk}`] = bytes
  }
  return sizes
}

/**
 * The gzipped bytes of the initial load of an entry, and of each chunk that it loads later by the chunk's name.
 * @param {string} code
 */
async function measure(code) {
  const { metafile, outputFiles } = await build({
    stdin: { contents: code, resolveDir: root, sourcefile: 'entry.js' },
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    outdir: root,
    write: false,
    metafile: true,
  })
  const sizes = new Map(outputFiles.map(({ path, contents }) => [path, gzipSync(contents).length]))
  const size = (/** @type {string} */ path) => sizes.get(`${root}${path}`) ?? 0
  const { outputs } = metafile
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === 'entry.js')
  const now = new Set(entry === undefined ? [] : [entry])
  // The loop also visits the elements that it adds to the Set.
  for (const path of now) {
    for (const { kind, path: imported } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement') now.add(imported)
    }
  }
  const later = Object.keys(outputs).filter((path) => !now.has(path))
  return {
    now: [...now].map(size).reduce((sum, bytes) => sum + bytes, 0),
    later: Object.fromEntries(later.map((path) => [path.replace(/-\w+\.js$/, ''), size(path)])),
  }
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const recorded = recordedSizes()
  const sizes = await currentSizes()
  for (const [title, bytes] of Object.entries(sizes)) {
    console.log(`${title}: ${bytes} bytes gzipped, recorded ${recorded[title] ?? 'none'}`)
  }
  if (argv.includes('--update')) writeFileSync(TABLE, `${JSON.stringify(sizes, null, 2)}\n`)
}
