import { build } from 'esbuild'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../../test/mixed-streams.ts', import.meta.url))
/** 40 to 150 are seen; code that V8 compiles and throws away at every call makes thousands. */
const MOST_BAILOUTS = 500
/** For a whole process on a machine that is busy with other tests; it takes 2 s on an idle one. */
const LIMIT_MS = 60_000

const exec = promisify(execFile)

test(
  'V8 keeps the compiled code of a process that reads streams of every kind',
  async () => {
    const { outputFiles } = await build({
      entryPoints: [PROGRAM],
      bundle: true,
      write: false,
      format: 'esm',
    })
    const program = exec(process.execPath, ['--trace-deopt', '--input-type=module', '-'], {
      maxBuffer: 2 ** 28,
    })
    program.child.stdin?.end(outputFiles[0]?.text)
    const { stdout, stderr } = await program
    expect(stderr).toBe('')
    const bailouts = stdout.split('bailout').length - 1
    expect(bailouts).toBeGreaterThan(0)
    expect(bailouts).toBeLessThan(MOST_BAILOUTS)
  },
  LIMIT_MS,
)
