import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../../test/mixed-streams.ts', import.meta.url))
/** Some tens are seen; code that V8 compiles and throws away at every call makes tens of thousands. */
const MOST_BAILOUTS = 1_000

test('V8 keeps the compiled code of a process that reads streams of every kind', async () => {
  const { outputFiles } = await build({
    entryPoints: [PROGRAM],
    bundle: true,
    write: false,
    format: 'esm',
  })
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--trace-deopt', '--input-type=module', '-'],
    { input: outputFiles[0]?.text, encoding: 'utf8', maxBuffer: 2 ** 28 },
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const bailouts = stdout.split('bailout').length - 1
  expect(bailouts).toBeGreaterThan(0)
  expect(bailouts).toBeLessThan(MOST_BAILOUTS)
})
