/* global ReadableStream, TextDecoder, TextDecoderStream, TextEncoder */
// The subjects of the measurements: this package, its peers, and two lower bounds. A decoder is `(sink) => push`, created
// per stream.
import { getLines, getMessages } from '@microsoft/fetch-event-source/lib/esm/parse.js'
import {
  createDecoder,
  createDecoderStream,
  encodeEvent,
  encodeEventBytes,
  encodeEventsBytes,
  readEvents,
} from '@downlink/protocol/sse'
import { encoder as effect } from 'effect/encoding/Sse'
import { encode as eventsourceEncoder } from 'eventsource-encoder'
import { createParser as parser3 } from 'eventsource-parser-3'
import { EventSourceParserStream as ParserStream3 } from 'eventsource-parser-3/stream'
import { createParser as parser4 } from 'eventsource-parser-4'
import { EventSourceParserStream as ParserStream4 } from 'eventsource-parser-4/stream'

/** The parsers that only Node can import. */
export const extra = { decoders: {} }

export const ours = 'downlink'
export const limits = ['TextDecoder alone', 'line ends alone']

export function byteDecoders() {
  return {
    [ours]: downlink,
    'eventsource-parser 3': (sink) => throughTextDecoder(parser3({ onEvent: sink })),
    'eventsource-parser 4': (sink) => throughTextDecoder(parser4({ onEvent: sink })),
    'fetch-event-source': (sink) =>
      getLines(
        getMessages(
          () => undefined,
          () => undefined,
          sink,
        ),
      ),
    ...extra.decoders,
    'TextDecoder alone': () => {
      const decoder = new TextDecoder()
      return (chunk) => void decoder.decode(chunk, { stream: true })
    },
    'line ends alone': () => {
      let lines = 0
      // The count keeps the engine from removing the search.
      return (chunk) => {
        for (let at = 0; at < chunk.length; at++) if (chunk[at] === 10 || chunk[at] === 13) lines++
        return lines
      }
    },
  }
}

export function stringDecoders() {
  return {
    [ours]: downlink,
    'eventsource-parser 3': (sink) => feed(parser3({ onEvent: sink })),
    'eventsource-parser 4': (sink) => feed(parser4({ onEvent: sink })),
  }
}

/** Each subject reads a stream of chunks and returns the length of its data. */
export const streamDecoders = {
  [ours]: async (chunks) => {
    let length = 0
    for await (const events of bodyOf(chunks).pipeThrough(createDecoderStream())) {
      for (const event of events) length += event.data.length
    }
    return length
  },
  'downlink, readEvents': async (chunks) => {
    let length = 0
    for await (const events of readEvents(bodyOf(chunks))) {
      for (const event of events) length += event.data.length
    }
    return length
  },
  'eventsource-parser 3': (chunks) => lengthOf(chunks, new ParserStream3()),
  'eventsource-parser 4': (chunks) => lengthOf(chunks, new ParserStream4()),
}

async function lengthOf(chunks, parserStream) {
  let length = 0
  const events = bodyOf(chunks).pipeThrough(new TextDecoderStream()).pipeThrough(parserStream)
  for await (const event of events) length += event.data.length
  return length
}

/** A stream with one chunk per pull, like the body of a response. */
function bodyOf(chunks) {
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at < chunks.length) controller.enqueue(chunks[at++])
      else controller.close()
    },
  })
}

const utf8 = new TextEncoder()

/** A careful encoder that an app could write by hand. Only for data without line breaks. */
function template({ event, id, data }) {
  if (/[\r\n]/.test(data) || /[\r\n]/.test(event) || /[\0\r\n]/.test(id))
    throw new Error('line break')
  return `event: ${event}\nid: ${id}\ndata: ${data}\n\n`
}

export const stringEncoders = {
  [ours]: (events) => each(events, encodeEvent),
  'guarded template': (events) => each(events, template),
  'eventsource-encoder': (events) => each(events, eventsourceEncoder),
  effect: (events) => each(events, (event) => effect.write({ _tag: 'Event', ...event })),
}

export const byteEncoders = {
  [ours]: (events) => each(events, encodeEventBytes),
  'downlink, 100 at once': (events) => {
    let length = 0
    for (let at = 0; at < events.length; at += 100) {
      length += encodeEventsBytes(events.slice(at, at + 100)).length
    }
    return length
  },
  'guarded template': (events) => each(events, (event) => utf8.encode(template(event))),
  'eventsource-encoder': (events) =>
    each(events, (event) => utf8.encode(eventsourceEncoder(event))),
  effect: (events) =>
    each(events, (event) => utf8.encode(effect.write({ _tag: 'Event', ...event }))),
}

function each(events, encode) {
  let length = 0
  for (const event of events) length += encode(event).length
  return length
}

function downlink(sink) {
  const decoder = createDecoder({ onEvent: sink })
  return (chunk) => decoder.push(chunk)
}

function throughTextDecoder(parser) {
  const decoder = new TextDecoder()
  return (chunk) => parser.feed(decoder.decode(chunk, { stream: true }))
}

function feed(parser) {
  return (chunk) => parser.feed(chunk)
}
