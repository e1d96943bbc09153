// Runs the wire vectors with the installed decoder: as given, byte by byte, and at every split in two.
import { createDecoder, encodeComment, encodeEvent, SseError } from '@downlink/protocol/sse'
import { decodeVectors, encodeVectors } from '@downlink/protocol/vectors'

const failed = []
let runs = 0

for (const vector of decodeVectors) {
  const chunks = vector.chunks.map(bytesOf)
  const whole = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]))
  const splits = Array.from(whole, (_, at) => [whole.slice(0, at), whole.slice(at)])
  for (const variant of [chunks, Array.from(whole, (byte) => Uint8Array.of(byte)), ...splits]) {
    runs++
    const events = JSON.stringify(decode(variant))
    if (events !== JSON.stringify(vector.events)) failed.push(vector.name)
  }
}
for (const { name, fields, frame } of encodeVectors) {
  runs++
  if (encode(fields) !== frame) failed.push(name)
}
console.log(JSON.stringify({ runs, failed }))

function decode(chunks) {
  const events = []
  const decoder = createDecoder({
    onEvent: ({ event, data, id }) => events.push({ event, data, id }),
  })
  for (const chunk of chunks) decoder.push(chunk)
  return events
}

/** The frame, or undefined where the encoder refuses. */
function encode({ comment, ...event }) {
  try {
    return comment === undefined ? encodeEvent(event) : encodeComment(comment)
  } catch (error) {
    if (error instanceof SseError) return undefined
    throw error
  }
}

function bytesOf(chunk) {
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk)
  return Uint8Array.from(chunk.hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
