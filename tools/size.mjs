// What an app loads for each entry of the libraries: bundled, minified and gzipped. `node tools/size.mjs` prints it.
import { build } from 'esbuild'
import { argv } from 'node:process'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { root } from './run.mjs'

/**
 * Bounds in bytes: of what is loaded at once, and of chunks, by name, that come only when they are asked for.
 * @type {{ title: string, code: string, limit: number, later?: Record<string, number> }[]}
 */
export const ENTRIES = [
  {
    title: 'protocol: the decoder',
    code: "export { createDecoder } from '@downlink/protocol/sse'",
    limit: 2_048,
  },
  {
    title: 'protocol: all of /sse',
    code: "export * from '@downlink/protocol/sse'",
    limit: 3_072,
  },
  {
    title: 'protocol: defineStream, pack and unpack',
    code: "export { defineStream, json, pack, text, unpack } from '@downlink/protocol'",
    limit: 4_096,
  },
  {
    title: 'client: createLink',
    code: "export { createLink } from '@downlink/client'",
    limit: 8_192,
    later: { share: 2_048, 'wire-frames': 512 },
  },
  {
    title: 'client: EventSource',
    code: "export { EventSource } from '@downlink/client/event-source'",
    limit: 4_096,
  },
]

/**
 * The gzipped bytes that an entry loads at once, and those of each chunk that it loads later, by the chunk's name.
 * Needs the libraries built.
 * @param {string} code
 */
export async function measure(code) {
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
  for (const { title, code, limit } of ENTRIES) {
    const { now, later } = await measure(code)
    console.log(`${title}: ${now} bytes gzipped of at most ${limit}`)
    for (const [chunk, bytes] of Object.entries(later)) {
      console.log(`  later, if asked for: ${chunk}: ${bytes} bytes`)
    }
  }
}
