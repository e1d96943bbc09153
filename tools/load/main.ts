/**
 * Opens many connections to an event stream and prints the number of events each second:
 * `npm run load -- --url http://localhost:8000/system-stats --connections 1000 --seconds 10`
 */
import { parseArgs } from 'node:util'
import { openWatch } from './watch.ts'

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://localhost:8000/system-stats' },
    connections: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '10' },
  },
})
const connections = Number(values.connections)
const seconds = Number(values.seconds)
if (!(connections >= 1) || !(seconds >= 1)) {
  console.error('--connections and --seconds must be numbers of at least 1.')
  process.exit(2)
}

const watch = openWatch({ url: values.url, connections })
await watch.opened
let before = watch.report()
for (let second = 1; second <= seconds; second++) {
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const now = watch.report()
  console.log(
    `${second} s: ${now.open} open, ${now.closed} closed, ${now.events - before.events} events, ` +
      `${now.bytes - before.bytes} bytes, ${now.outOfOrder} out of order in total`,
  )
  before = now
}
watch.close()
if (before.outOfOrder > 0 || before.open < connections) process.exitCode = 1
