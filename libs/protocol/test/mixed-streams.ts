/** A program that decodes streams of many kinds in one process, each often enough for V8 to compile the code. */
import { createDecoder } from '../src/sse/index.ts'
import { cut } from './read-all.ts'

const EVENTS = 2_000
const TURNS = 20
const utf8 = new TextEncoder()

const idFirst = (i: number) => `id: epoch-${i}\nevent: news/message\ndata: {"price":123.45}\n\n`
const dataFirst = (i: number) => `event: news/message\ndata: {"price":123.45}\nid: epoch-${i}\n\n`
const crlf = (i: number) => idFirst(i).replaceAll('\n', '\r\n')
const many = (i: number) => `: comment\n\ndata: ${i}\ndata: größer\n\ndata: bare\n\n`

const ids = events(idFirst).join('')
const mixed = events(many).join('')
const streams = [
  events(idFirst),
  events(dataFirst),
  events(crlf),
  cut(ids, [16_384]),
  cut(ids, [3, 39, 17, 28, 1]),
  cut(ids, [1_400, 731]),
  cut(mixed, [16_384]),
  cut(mixed, [3, 39, 17, 28, 1]),
]

let length = 0
for (const texts of streams) readOften(texts.map((text) => utf8.encode(text)))
for (const texts of streams) readOften(texts)
if (length === 0) throw new Error('No data was decoded.')

function readOften(chunks: readonly (Uint8Array | string)[]): void {
  for (let turn = 0; turn < TURNS; turn++) {
    const decoder = createDecoder({
      onEvent(event) {
        length += event.data.length
      },
    })
    for (const chunk of chunks) decoder.push(chunk)
  }
}

function events(frame: (i: number) => string): string[] {
  return Array.from({ length: EVENTS }, (_, i) => frame(100_000 + i))
}
