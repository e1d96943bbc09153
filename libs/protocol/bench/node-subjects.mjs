/* global Buffer, URL */
// The parsers inside undici and openai, imported by file because the packages do not export them.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { extra } from './subjects.mjs'

const require = createRequire(import.meta.url)
const modules = new URL('./node_modules/', import.meta.url)
const { EventSourceStream } = require(
  new URL('undici/lib/web/eventsource/eventsource-stream.js', modules).pathname,
)
const { LineDecoder } = await import(
  pathToFileURL(new URL('openai/internal/decoders/line.mjs', modules).pathname).href
)

extra.decoders = {
  undici: (sink) => {
    const stream = new EventSourceStream({
      eventSourceSettings: {},
      push: (event) => sink({ data: event.options.data }),
    })
    const done = () => undefined
    return (chunk) =>
      stream._transform(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length), 'buffer', done)
  },
  // Its line decoder with a minimal parser of lines, which does less than openai itself.
  openai: (sink) => {
    const lines = new LineDecoder()
    let data = []
    return (chunk) => {
      for (const line of lines.decode(chunk)) {
        if (line === '') {
          if (data.length > 0) sink({ data: data.join('\n') })
          data = []
        } else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
      }
    }
  },
}
