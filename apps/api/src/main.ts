/**
 * Runs the API until a signal: SIGTERM and SIGHUP end the streams over a window, Ctrl-C ends them at once, and a second
 * signal ends the process now.
 */
import { constants } from 'node:os'
import process from 'node:process'
import { StartError } from './errors.ts'
import { flushed } from './log.ts'
import { startServer, type RunningServer } from './server.ts'

// Whoever read this output may go, and a disk may be full: streams go on.
process.stdout.on('error', () => undefined)

/** A terminal sends Ctrl-C to npm and to this process, and npm passes it on: that is one signal. */
const SAME_SIGNAL_MS = 1_000
const MAX_FLUSH_MS = 250

try {
  const server = await startServer(process.env)
  // Before it is said to be there: whoever waits for the line may send a signal at once.
  stopOnSignal(server)
  process.stdout.write(`Downlink is at ${server.url}\n`)
} catch (error) {
  if (!(error instanceof StartError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}

function stopOnSignal(server: RunningServer): void {
  let first: { readonly signal: NodeJS.Signals; readonly atMs: number } | undefined
  const stop = (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', windowMs?: number) => {
    const atMs = performance.now()
    if (first === undefined) {
      first = { signal, atMs }
      void server
        .close(windowMs)
        .then(() => flushed(MAX_FLUSH_MS))
        .then(() => process.exit(0))
    } else if (signal !== first.signal || atMs - first.atMs > SAME_SIGNAL_MS) {
      process.exit(128 + constants.signals[signal])
    }
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGHUP', () => stop('SIGHUP'))
  process.on('SIGINT', () => stop('SIGINT', 0))
}
