/* global URL, console */
// `npm run bench -w @downlink/protocol`: compares this package with its peers, in one process per regime. Options:
// `-- --node=24` uses that version of Node, `-- --chromium` a browser, `-- --only=TEXT` regimes whose name contains TEXT.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const { values } = await import('node:util').then(({ parseArgs }) =>
  parseArgs({
    options: {
      node: { type: 'string' },
      chromium: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      measure: { type: 'string' },
    },
  }),
)

if (values.measure === undefined) await report()
else {
  await import('./node-subjects.mjs')
  const { measure } = await import('./measure.mjs')
  console.log(JSON.stringify({ version: process.version, times: await measure(values.measure) }))
}

async function report() {
  if (!existsSync(`${here}node_modules`)) {
    run('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'])
  }
  const { names, ratio } = await import('./measure.mjs')
  const wanted = names.filter((name) => name.includes(values.only))
  const inChromium = values.chromium && (await import('./chromium.mjs')).measureInChromium
  const results = []
  let version = ''
  for (const name of wanted) {
    const result = inChromium ? await inChromium(name) : inProcess(name)
    version = result.version
    results.push({ name, ratio: ratio(result.times), times: result.times })
    console.log(line(results.at(-1)))
  }
  if (inChromium) await (await import('./chromium.mjs')).close()
  console.log(`\n${version}; the time of the fastest peer divided by ours, then each time in ms`)
  mkdirSync(`${here}bench-results`, { recursive: true })
  const file = `${here}bench-results/${version.replace(/[^\w.]+/g, '-')}.json`
  writeFileSync(file, `${JSON.stringify({ version, results }, null, 2)}\n`)
  console.log(file)
}

function inProcess(name) {
  const script = [`${here}main.mjs`, `--measure=${name}`]
  const [command, args] = values.node
    ? ['npx', ['--yes', `node@${values.node}`, ...script]]
    : [process.execPath, script]
  return JSON.parse(run(command, args, 'pipe'))
}

function run(command, args, stdout = 'inherit') {
  const result = spawnSync(command, args, {
    cwd: here,
    encoding: 'utf8',
    stdio: ['ignore', stdout, 'inherit'],
  })
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} failed.`)
  return result.stdout
}

function line({ name, ratio, times }) {
  const all = Object.entries(times).map(([subject, ms]) => `${subject} ${ms.toFixed(2)}`)
  return `${ratio.toFixed(2).padStart(6)}x  ${name}\n         ${all.join('  ')}`
}
