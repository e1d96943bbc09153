// What an app loads for each entry of the libraries: bundled, minified and gzipped. `node tools/size.mjs` prints the
// sizes beside the recorded ones, and `node tools/size.mjs --update` records them in sizes.json.
import { build } from 'esbuild'
import { readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { root } from './run.mjs'

const TABLE = new URL('sizes.json', import.meta.url)
/** A size may be at most this many times the recorded one. */
export const MAX_GROWTH = 1.1

/** What is bundled, by title. */
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
 * The sizes of now in bytes: of what each entry loads at once, by its title, and of each chunk that it loads later, by
 * its title and the name of the chunk. Needs the libraries built.
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
 * The gzipped bytes that an entry loads at once, and those of each chunk that it loads later, by the chunk's name.
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
  // A Set is visited to its end also while it grows.
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
