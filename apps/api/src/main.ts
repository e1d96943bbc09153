/** Runs the API until it is told to stop: SIGTERM lets streams go one by one, Ctrl-C all at once, a second signal cuts. */
import { constants } from 'node:os'
import process from 'node:process'
import { StartError } from './errors.ts'
import { startServer, type RunningServer } from './server.ts'

// Whoever read this output may go, and a disk may be full: streams go on.
process.stdout.on('error', () => undefined)

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
  let stopping = false
  const stop = (signal: 'SIGINT' | 'SIGTERM', windowMs?: number) => {
    if (stopping) process.exit(128 + constants.signals[signal])
    stopping = true
    void server.close(windowMs).then(() => process.exit(0))
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT', 0))
}
