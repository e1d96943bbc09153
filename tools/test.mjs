// `npm test`: installs, builds, checks and tests, and ends with the line `N passed, N failed`. `npm run test:all` adds slow
// tests: files named `*.heavy.test.*`, the soak, and the dashboard with each of two font families.
import './check-node.mjs'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { install } from './install.mjs'
import { root, run } from './run.mjs'

const all = process.argv.includes('--all')
const reports = join(root, '.cache', 'reports')
const unitReport = join(reports, 'unit.json')
const browserReport = join(reports, 'browser.json')
const total = { passed: 0, failed: 0 }

try {
  await install()
  const { ensureBrowser } = await import('./browser.mjs')
  await ensureBrowser()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  total.failed += 1
}

if (total.failed === 0) {
  rmSync(reports, { recursive: true, force: true })
  mkdirSync(reports, { recursive: true })
  await check('builds', 'nx', ['run-many', '-t', 'build'])
  // The tests often wait for timers and browsers, so the checks run at the same time.
  await Promise.all([checkSources(), runTests()])
}

console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 ? 0 : 1)

async function checkSources() {
  const cached = ['--cache', '--cache-strategy=content', '--cache-location=.cache/prettier.json']
  const aside = { quiet: true, background: true }
  await check('formatting', 'prettier', ['--check', '--log-level=warn', ...cached, '.'], aside)
  await check('types', 'nx', ['run-many', '-t', 'typecheck', '--parallel=1'], aside)
  await check('types of the tools', 'tsc', ['-p', 'tsconfig.json'], aside)
  // No cache: typed rules can fail in a file because of a change in another file.
  await check('lint and import directions', 'eslint', ['.', '--max-warnings=0'], aside)
}

async function runTests() {
  await tests('unit tests', unitReport, 'vitest', [
    'run',
    ...(all ? [] : ['--exclude=**/*.heavy.test.*']),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${unitReport}`,
  ])
  await tests('browser tests', browserReport, 'playwright', ['test', '-c', 'apps/e2e'], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: browserReport,
  })
  if (!all) return
  await check('the dashboard with each of two font families', 'node', ['tools/fonts.mjs'])
  await check('soak of proxies and hub', 'tsx', [
    '--conditions=@downlink/source',
    'tools/soak/main.ts',
  ])
}

/**
 * Runs a command that counts as one test.
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
async function check(title, command, args, options) {
  if (!options?.quiet) console.log(`\n# ${title}`)
  const held = (await timed(title, run(command, args, options))) === 0
  total[held ? 'passed' : 'failed'] += 1
  if (!held) console.log(`failed: ${title}`)
}

/**
 * Runs a test runner and counts the tests in its report.
 * @param {string} title
 * @param {string} report
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
async function tests(title, report, command, args, env = {}) {
  console.log(`\n# ${title}`)
  const code = await timed(title, run(command, args, { env }))
  const { passed, failed } = counts(report)
  total.passed += passed
  // A runner that found no tests, crashed or failed outside a test counts as one failure.
  total.failed += failed > 0 ? failed : code !== 0 || passed === 0 ? 1 : 0
}

/** @param {string} title @param {Promise<number>} step */
async function timed(title, step) {
  const start = performance.now()
  const code = await step
  console.log(`\n# ${title}: ended after ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return code
}

/** @param {string} path @returns {{ passed: number, failed: number }} */
function counts(path) {
  if (!existsSync(path)) return { passed: 0, failed: 0 }
  const report = JSON.parse(readFileSync(path, 'utf8'))
  // Vitest's report has its totals at the top level, Playwright's under `stats`. A flaky test counts as failed.
  return report.stats === undefined
    ? { passed: report.numPassedTests, failed: report.numFailedTests }
    : { passed: report.stats.expected, failed: report.stats.unexpected + report.stats.flaky }
}
