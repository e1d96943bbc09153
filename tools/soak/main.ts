/**
 * Runs the checks that are too slow for `npm test`. `npm run soak` runs all parts, `npm run soak -- hub` one part, and
 * `npm run soak -- proxies haproxy` one check of a part. Prints `N passed, N failed`; exits with 1 after a failure.
 */
import { soakHub } from './hub.ts'
import { endProcesses } from './processes.ts'
import { soakProxies } from './proxies.ts'
import { createReport, type Report } from './report.ts'

const parts: Record<string, (report: Report, only: readonly string[]) => Promise<void>> = {
  proxies: soakProxies,
  hub: soakHub,
}

const [wanted, ...only] = process.argv.slice(2)
const chosen = wanted === undefined ? Object.keys(parts) : [wanted]
const report = createReport()
for (const name of chosen) {
  const part = parts[name]
  if (part === undefined) {
    console.error(`Unknown part ${name}. Use one of ${Object.keys(parts).join(', ')}.`)
    process.exit(2)
  }
  console.log(`# ${name}`)
  try {
    await part(report, only)
  } catch (error) {
    report.check(name, false, error instanceof Error ? error.message : String(error))
  }
  await endProcesses()
}
process.exit(report.finish() ? 0 : 1)
