/** The core imports no Node module, and no import cycles exist. */
import { build } from 'esbuild'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = import.meta.dirname

test('the bundled core imports no Node module', async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: [join(root, 'index.ts')],
    bundle: true,
    conditions: ['@downlink/source'],
    format: 'esm',
    platform: 'neutral',
    external: ['node:*'],
    metafile: true,
    write: false,
  })
  const external = Object.values(metafile.outputs).flatMap(({ imports }) => imports)
  expect(external).toEqual([])
  expect(outputFiles[0]?.text).not.toMatch(/\b(?:Buffer|process|require)\b[.(]/)
})

test('the source files have no import cycles', () => {
  const imports = new Map(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.includes('.test'))
      .map((file) => [join(root, file), importsOf(join(root, file))] as const),
  )
  expect(imports.size).toBeGreaterThan(30)
  // Removes files without imports until only cycles are left.
  for (let size = Infinity; imports.size < size;) {
    size = imports.size
    for (const [file, targets] of imports) {
      if (!targets.some((target) => imports.has(target))) imports.delete(file)
    }
  }
  expect([...imports.keys()]).toEqual([])
})

/** The files that a file imports, including type imports. */
function importsOf(file: string): string[] {
  const targets = readFileSync(file, 'utf8').matchAll(/ from '(\.[^']+)'/g)
  return [...targets].map(([, target = '']) => join(file, '..', target))
}
