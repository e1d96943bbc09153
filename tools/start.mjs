// `npm start`: installs and builds what has changed, and serves the API and the dashboard on one port.
import './check-node.mjs'
import process from 'node:process'
import { build } from './build.mjs'
import { install } from './install.mjs'

const PARENT_CHECK_MS = 250
const parent = process.ppid

try {
  await install()
  await build()
  // In this process, not in a child: npm forwards signals only to its shell, so a child would keep running.
  await import(new URL('../apps/api/dist/main.js', import.meta.url).href)
  endWithParent()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

/**
 * Ends the server when npm ends. SIGTERM ends npm, but some shells between npm and this process do not forward the signal;
 * this process then only gets another parent. The check stops after a signal, so that each signal counts once.
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
