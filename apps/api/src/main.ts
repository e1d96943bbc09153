/** Runs the API until a signal: `npm start` and `nx serve api` start this file. */
import process from 'node:process'
import { StartError } from './errors.ts'
import { flushed } from './operations/log.ts'
import { stopOnSignals } from './operations/signals.ts'
import { startServer } from './server.ts'

// The reader of the output may exit, and a disk may be full. Neither ends the streams.
process.stdout.on('error', () => undefined)

const MAX_FLUSH_MS = 250
/**
 * npm and npx forward SIGINT and SIGTERM to this process, which a terminal or a supervisor may have sent to the whole
 * process group already.
 */
const NPM_REPEAT_MS = 1_000

try {
  const server = await startServer(process.env)
  // Before the line below, because a program that waits for it may send a signal at once.
  stopOnSignals({
    source: process,
    close: (windowMs) => server.close(windowMs).then(() => flushed(MAX_FLUSH_MS)),
    exit: (code) => process.exit(code),
    now: () => performance.now(),
    repeatMs: process.env['npm_lifecycle_event'] === undefined ? 0 : NPM_REPEAT_MS,
  })
  process.stdout.write(`Downlink is at ${server.url}\n`)
} catch (error) {
  if (!(error instanceof StartError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
