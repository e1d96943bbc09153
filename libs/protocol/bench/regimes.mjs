/* global TextEncoder */
// The input of the measurements: typical streams of servers, in the chunks that networks produce.

const utf8 = new TextEncoder()

const tiny = (i) =>
  `data: {"symbol":"AAPL","price":${(150 + (i % 97) / 7).toFixed(2)},"change":-0.31}\n\n`
const nonAscii = (i) =>
  i % 5
    ? tiny(i)
    : `data: {"symbol":"AAPL","price":${(150 + (i % 97) / 7).toFixed(2)},"name":"Größe 日本"}\n\n`
const named = (i) => `id: k3-${i}\nevent: update\ndata: {"text":"${'lorem ipsum '.repeat(82)}"}\n\n`
const tinyNamed = (i) => `id: k3-${i}\nevent: stocks/AAPL\n${tiny(i)}`
const manyLines = () => `${'data: a line of text of forty characters here\n'.repeat(20)}\n`
const crlf = (i) => tiny(i).replaceAll('\n', '\r\n')
const mostlyComments = (i) => `${': keepalive, nothing to see\n\n'.repeat(9)}${tiny(i)}`

const KB = 1024
const MB = KB * KB

/** Each regime returns the chunks of one stream as bytes. */
export const decodeRegimes = {
  'tiny JSON, one per chunk': () => repeat(4000, tiny).map((frame) => utf8.encode(frame)),
  'tiny JSON, 64 KB chunks': () => cut(repeat(24000, tiny), 64 * KB),
  'tiny, a fifth non-ASCII, one per chunk': () =>
    repeat(4000, nonAscii).map((frame) => utf8.encode(frame)),
  'tiny, a fifth non-ASCII, 64 KB chunks': () => cut(repeat(24000, nonAscii), 64 * KB),
  'tiny JSON with id and name, one per chunk': () =>
    repeat(4000, tinyNamed).map((frame) => utf8.encode(frame)),
  'tiny JSON with id and name, 16 KB chunks': () => cut(repeat(12000, tinyNamed), 16 * KB),
  '1 KB JSON with id and name, 16 KB chunks': () => cut(repeat(1500, named), 16 * KB),
  'tiny JSON, random cuts of 1 to 40 bytes': () => cutRandomly(repeat(4000, tiny)),
  '20 data lines per event, 16 KB chunks': () => cut(repeat(1000, manyLines), 16 * KB),
  'tiny JSON with CRLF, 16 KB chunks': () => cut(repeat(16000, crlf), 16 * KB),
  'mostly comments, 16 KB chunks': () => cut(repeat(3000, mostlyComments), 16 * KB),
  'one 10 MB event, 64 KB chunks': () => cut([`data: ${'x'.repeat(10 * MB)}\n\n`], 64 * KB),
  'one 10 MB event, 1 KB chunks': () => cut([`data: ${'x'.repeat(10 * MB)}\n\n`], KB),
  'mixed line endings, 64 KB chunks': () =>
    cut(
      repeat(8000, (i) => tiny(i).replaceAll('\n', ['\n', '\r', '\r\n'][i % 3])),
      64 * KB,
    ),
  'a 1 MB chunk that ends in a lone CR': () => [utf8.encode(`${repeat(18000, tiny).join('')}:\r`)],
  'one event of 100,000 lines, 64 KB chunks': () =>
    cut([`${'data: x\n'.repeat(100_000)}\n`], 64 * KB),
}

/** Each regime returns events to encode. */
export const encodeRegimes = {
  'small JSON': () => events((i) => `{"symbol":"AAPL","price":${(150 + (i % 97) / 7).toFixed(2)}}`),
  '1 KB': () => events((i) => `${i}${'x'.repeat(KB)}`),
  '1 KB, non-ASCII': () => events((i) => `${i}${'Größe 日本 '.repeat(KB / 9)}`),
  '20 lines': () => events((i) => `${i} a line of text of forty characters here\n`.repeat(20)),
}

function events(data) {
  return Array.from({ length: 1000 }, (_, i) => ({ event: 'price', id: `k3-${i}`, data: data(i) }))
}

function repeat(count, frame) {
  return Array.from({ length: count }, (_, i) => frame(i))
}

function cut(frames, size) {
  const bytes = utf8.encode(frames.join(''))
  const chunks = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size))
  return chunks
}

function cutRandomly(frames) {
  const bytes = utf8.encode(frames.join(''))
  const chunks = []
  let seed = 7
  for (let at = 0; at < bytes.length;) {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    const size = 1 + (seed % 40)
    chunks.push(bytes.slice(at, at + size))
    at += size
  }
  return chunks
}
