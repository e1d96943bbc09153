// The files of the example in README.md, for the tests that compile and run it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

export const EXAMPLE_FILES = ['notes.js', 'server.js', 'client.js', 'index.html']

/**
 * Writes the code blocks of README.md that begin with a file name into a folder.
 * @param {string} folder
 * @param {{ server: number, page: number }} [ports] replace the ports of the README
 */
export function writeExample(folder, ports = { server: 3000, page: 5173 }) {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const blocks = [
    ...readme.matchAll(
      /```(?:js|html)\n(?:\/\/|<!--) (\S+\.\w+)(?: -->)?\n([^`]+(?:`[^`]+`[^`]+)*)```/g,
    ),
  ]
  const names = blocks.map(([, name]) => name)
  if (names.join() !== EXAMPLE_FILES.join()) {
    throw new Error(`README.md has the example files ${names.join()}, not ${EXAMPLE_FILES.join()}.`)
  }
  for (const [, name = '', code = ''] of blocks) {
    const text = code
      .replaceAll('3000', String(ports.server))
      .replaceAll('5173', String(ports.page))
    writeFileSync(join(folder, name), text)
  }
}

/** The compiler options for the example: strict, with the libraries of Node and of browsers. */
export const EXAMPLE_TSCONFIG = {
  compilerOptions: {
    ...{ allowJs: true, checkJs: true, noEmit: true, strict: true, skipLibCheck: true },
    ...{ target: 'ES2022', module: 'NodeNext', moduleResolution: 'NodeNext', types: ['node'] },
    lib: ['ES2022', 'DOM', 'DOM.AsyncIterable'],
  },
  include: ['*.js'],
}
