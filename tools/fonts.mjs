// `node tools/fonts.mjs`: runs the dashboard's tests with each of two font families as the only installed one. A monospaced
// and a proportional family differ enough in width to change every line break.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import process from 'node:process'
import { root, run } from './run.mjs'

const cache = join(root, '.cache', 'fonts')

const sets = fontSets()
if (sets.length < 2) {
  throw new Error(
    'fc-list found fewer than two font families. Install fontconfig and fonts-dejavu-core.',
  )
}
let failed = false
for (const [index, { family, files }] of sets.entries()) {
  console.log(`\n# dashboard with only ${family} installed`)
  const folder = join(cache, String(index))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'fonts'), { recursive: true })
  for (const file of files) symlinkSync(file, join(folder, 'fonts', basename(file)))
  const config = join(folder, 'fonts.conf')
  writeFileSync(
    config,
    `<fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'cache')}</cachedir></fontconfig>\n`,
  )
  const args = ['run', '--project', 'web', '--exclude=**/*.heavy.test.*']
  const code = await run('vitest', args, { env: { FONTCONFIG_FILE: config } })
  failed ||= code !== 0
}
process.exitCode = failed ? 1 : 0

/** The proportional family and the monospaced family with the most files. */
function fontSets() {
  const list = execFileSync('fc-list', [':lang=en', 'family', 'file', 'spacing'], {
    encoding: 'utf8',
  })
  /** @type {Map<string, { family: string, mono: boolean, files: string[] }>} */
  const families = new Map()
  for (const line of list.split('\n')) {
    const [, file = '', family = '', rest = ''] = /^(.+?): ([^:,]+)(.*)$/.exec(line) ?? []
    if (file === '') continue
    const known = families.get(family) ?? { family, mono: rest.includes('spacing=100'), files: [] }
    families.set(family, known)
    known.files.push(file)
  }
  const largest = [...families.values()].sort((a, b) => b.files.length - a.files.length)
  return [false, true].flatMap((mono) => largest.find((set) => set.mono === mono) ?? [])
}
