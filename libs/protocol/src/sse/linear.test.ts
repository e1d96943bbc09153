import { afterEach, describe, expect, test } from 'vitest'
import { createDecoder } from './index.ts'

const BYTES = 16 * 1024
/** How often the decoder may look for something in the same character. */
const SEARCHES = 4

// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its text
const { indexOf } = String.prototype
const utf8 = new TextEncoder()
const streams: [string, string][] = [
  ['events', 'data: {"symbol":"AAPL","price":151.5}\n\n'],
  ['named events', 'id: k3-7\nevent: update\ndata: a\ndata: b\n\n'],
  ['events with CRLF', 'event: update\r\ndata: a\r\n\r\n'],
  ['events with CR', 'data: a\r\r'],
  ['mixed line ends', 'data: a\ndata: b\rdata: c\r\n\n'],
  ['LF with one CR at the end', `${'data: a\n\n'.repeat(1024)}:\r`],
  ['CR with one LF at the end', `${'data: a\r\r'.repeat(1024)}:\n`],
  ['fields without a colon', 'data\nsomething\n'],
  ['one line', 'x'],
  ['one data line', 'data: x'],
  ['data lines of one event', 'data: x\n'],
  ['empty data lines of one event', 'data\n'],
  ['comments', ': x\n'],
  ['blank lines', '\n'],
  ['other than ASCII', 'data: 日本\n\n'],
]

describe('searches each character at most a few times', () => {
  afterEach(() => {
    String.prototype.indexOf = indexOf
  })

  test.each(
    streams.flatMap(([name, part]) =>
      [1, 7, 100, 1000, 65_536].map((size) => ({ name, part, size })),
    ),
  )('$name in chunks of $size bytes', ({ name, part, size }) => {
    const start = name.startsWith('one') ? part : ''
    const body = (name.startsWith('one') ? 'x' : part).repeat(BYTES / part.length)
    const bytes = utf8.encode(start + body)
    const searched = countSearched()
    const decoder = createDecoder({ onEvent: () => undefined })
    for (let at = 0; at < bytes.length; at += size) decoder.push(bytes.subarray(at, at + size))
    expect(searched()).toBeLessThan(SEARCHES * bytes.length)
  })
})

/**
 * Counts the characters that searches pass over, which is what an algorithm that is not linear does too often.
 * A spy of Vitest's would keep every call, which takes most of a test's time.
 */
function countSearched(): () => number {
  let searched = 0
  String.prototype.indexOf = function (this: string, wanted: string, from = 0) {
    const at = indexOf.call(this, wanted, from)
    searched += (at < 0 ? this.length : at + 1) - from
    return at
  }
  return () => searched
}
