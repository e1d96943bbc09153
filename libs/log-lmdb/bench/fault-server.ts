/** A hub on the log in a directory that publishes without end; prints its port, then each event once it is stored. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHub } from '@downlink/hub'
import { createNodeSink } from '@downlink/hub/node'
import { defineStream, text, type Coding } from '@downlink/protocol'
import { createLmdbLog } from '../src/lmdb-log.ts'

const any: Coding<string>['schema'] = {
  '~standard': { version: 1, vendor: 'faults', validate: (value) => ({ value: String(value) }) },
}
const streams = ['a', 'b'].map((topic) =>
  defineStream({ topic, events: { message: text(any) }, overflow: 'disconnect' }),
)

const [, , path = '', port = '0', run = '0'] = process.argv
const log = await createLmdbLog({ path })
const hub = createHub({ log, retryMs: 10 })
const server = createServer((req, res) => {
  hub.subscribe({
    sink: createNodeSink(res),
    topics: streams.map((stream) => ({ stream })),
    lastEventId: req.headers['last-event-id']?.toString(),
    format: 'multiplexed',
  })
})
await new Promise<void>((resolve) => server.listen(Number(port), '127.0.0.1', resolve))
print(`port ${(server.address() as AddressInfo).port}`)

const stopped = new AbortController()
process.once('SIGTERM', () => stopped.abort())
for (let i = 0; !stopped.signal.aborted; i++) {
  const data = Array.from({ length: 5 }, (_, place) => `${run}.${i}.${place}`)
  const ids = await Promise.all(
    data.map((one, place) => {
      const stream = streams[place % 2]
      if (!stream) throw new Error('There are two streams.')
      return hub.publish(stream, 'message', one)
    }),
  )
  for (const [place, id] of ids.entries()) print(`event ${id} ${data[place]}`)
  await new Promise((resolve) => setTimeout(resolve, 5))
}
print('stopped')

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
