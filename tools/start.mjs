// `npm start`: installs what is missing, builds what changed, and serves API and dashboard on one port.
import './check-node.mjs'
import process from 'node:process'
import { build } from './build.mjs'
import { install } from './install.mjs'

const PARENT_CHECK_MS = 250
const parent = process.ppid

try {
  await install()
  await build()
  // In this very process: npm passes a signal on to its shell only, and a server in a child would live on.
  await import(new URL('../apps/api/dist/main.js', import.meta.url).href)
  endWithParent()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

/**
 * SIGTERM to `npm start` ends npm; depending on the shell between, this process gets the signal too or only another
 * parent. After a signal the parent is not watched any more, so that each signal arrives once.
 */
function endWithParent() {
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, PARENT_CHECK_MS).unref()
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.once(signal, () => clearInterval(watch))
}
