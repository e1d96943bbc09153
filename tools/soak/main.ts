/** The slow checks at full size: `npm run soak`, or one part of them, `npm run soak -- proxies haproxy`. */
import { endProcesses } from './processes.ts'
import { soakProxies } from './proxies.ts'
import { createReport, type Report } from './report.ts'

const parts: Record<string, (report: Report, only: readonly string[]) => Promise<void>> = {
  proxies: soakProxies,
}

const [wanted, ...only] = process.argv.slice(2)
const chosen = wanted === undefined ? Object.keys(parts) : [wanted]
const report = createReport()
for (const name of chosen) {
  const part = parts[name]
  if (part === undefined) {
    console.error(`There is no part ${name}. Parts are ${Object.keys(parts).join(', ')}.`)
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
