// `npm start`: installs what is missing, builds what changed, and serves API and dashboard on one port.
import './check-node.mjs'
import process from 'node:process'
import { install } from './install.mjs'
import { run } from './run.mjs'

const PARENT_CHECK_MS = 250

try {
  await install()
  console.log('Building what changed …')
  const built = await run('nx', ['run-many', '-t', 'build', '-p', 'api', 'web'], { quiet: true })
  if (built !== 0) throw new Error('The build failed: its messages are above.')
  endWithParent()
  // In this very process: npm passes a signal on to its shell only, and a server in a child would live on.
  await import(new URL('../apps/api/dist/main.js', import.meta.url).href)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

/** SIGTERM to `npm start` ends npm's shell and not us; being handed to another parent tells. */
function endWithParent() {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM')
  }, PARENT_CHECK_MS).unref()
}
