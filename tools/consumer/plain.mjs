import { createLink } from '@downlink/client'
import { createHub } from '@downlink/hub'
import { createNodeSink } from '@downlink/hub/node'
import { defineStream, json, pack, text, unpack } from '@downlink/protocol'
import { createDecoder, encodeEvent } from '@downlink/protocol/sse'
import { once } from 'node:events'
import { createServer } from 'node:http'

const decoded = []
const decoder = createDecoder({ onEvent: (event) => decoded.push(event) })
decoder.push(encodeEvent({ event: 'note', data: 'two\nlines', id: '7' }))

const notes = defineStream({
  topic: 'notes',
  events: {
    note: json(shape((value) => typeof value?.text === 'string')),
    line: text(shape(isText)),
  },
  overflow: 'disconnect',
})
const unpacked = unpack(notes, { ...pack(notes, 'note', { text: 'typed' }), id: '' })

const hub = createHub()
const server = createServer((_, response) => {
  hub.subscribe({
    sink: createNodeSink(response),
    topics: [{ stream: notes, start: 'history' }],
    format: 'multiplexed',
  })
}).listen(0)
await once(server, 'listening')
await hub.publish(notes, 'line', 'first')
const link = createLink(`http://localhost:${server.address().port}/events`)
const received = []
for await (const event of link.subscribe(notes)) {
  received.push(event.data)
  if (received.length === 2) break
  await hub.publish(notes, 'line', 'second')
}
link.close()
await hub.close({ graceMs: 0, spreadMs: 0 })
server.close()

console.log(JSON.stringify({ decoded, unpacked: unpacked.value, received }))

function shape(accepts) {
  const validate = (value) => (accepts(value) ? { value } : { issues: [{ message: 'not so' }] })
  return { '~standard': { version: 1, vendor: 'app', validate } }
}
function isText(value) {
  return typeof value === 'string'
}
