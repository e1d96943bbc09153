/**
 * Converts the chunks of a response to text. Long chunks are converted at once. Short chunks are collected until a
 * line ends, because many conversions of short byte sequences are slow.
 */
import { SHORT_BYTES } from './sizes.ts'

interface Utf8Decoder {
  decode(bytes?: Uint8Array, options?: { readonly stream: boolean }): string
}
declare const TextDecoder: new (
  label: string,
  options: { readonly ignoreBOM: boolean },
) => Utf8Decoder
interface Node {
  readonly Buffer?: { readonly prototype: { readonly utf8Slice?: Utf8Slice } }
}
type Utf8Slice = (this: Uint8Array, from: number, to: number) => string

/**
 * Node's own method. On Node 20 it takes half of the time of `TextDecoder` for short text, a tenth for long ASCII
 * text, and twice the time for other long text. It is found at run time, so the package imports nothing from Node.
 */
const utf8Slice = (globalThis as Node).Buffer?.prototype.utf8Slice

const LF = 10
const CR = 13
/** The first byte value that is not ASCII. */
const NON_ASCII = 0x80

/**
 * Reads text and returns the length of the unfinished line at its end. `bytes` is the chunk of the text, unless the
 * text also contains parts of other chunks.
 */
export type ReadText = (text: string, bytes?: Uint8Array) => number

/**
 * Returns a function that accepts the chunks of one response and passes their text to `readText`. An unfinished line
 * of more than `maxLineBytes` is always passed on, so that `readText` can reject it.
 */
export function createChunkReader(
  readText: ReadText,
  maxLineBytes: number,
): (chunk: Uint8Array | string) => void {
  // Keeps an incomplete character for the next bytes, and replaces invalid bytes with U+FFFD.
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  /** The bytes so far may end inside a character. `utf8` then keeps its beginning. */
  let isPartial = false
  /** The last long chunk was not ASCII. The next one is then probably not ASCII either. */
  let wasWide = false

  /** The length of the unfinished line that `readText` keeps. The bytes in `line` continue it. */
  let textLength = 0
  const line = new Uint8Array(2 * SHORT_BYTES)
  let lineBytes = 0

  return (chunk) => {
    if (typeof chunk !== 'string') readBytes(chunk)
    else {
      flushLine()
      if (isPartial) readText(utf8.decode())
      isPartial = false
      textLength = readText(chunk)
    }
  }

  function readBytes(chunk: Uint8Array): void {
    const { length } = chunk
    // Written with `!`, so that a value without a length reaches TextDecoder, which throws a TypeError.
    if (!(length <= SHORT_BYTES) || isPartial) {
      flushLine()
      const startsWhole = !isPartial
      textLength = readText(decode(chunk, length), startsWhole ? chunk : undefined)
    } else if (lineBytes === 0 && isLineEnd(chunk[length - 1])) {
      textLength = readText(decodeWhole(chunk, length, utf8), chunk)
    } else {
      const end = appendToLine(chunk)
      if (end > 0) {
        const text = decodeWhole(line, end, utf8)
        line.copyWithin(0, end, lineBytes)
        lineBytes -= end
        textLength = readText(text)
      }
      if (lineBytes > SHORT_BYTES || textLength + lineBytes > maxLineBytes) flushLine()
    }
  }

  /** Returns the index after the last line end of `chunk` in `line`, or 0. */
  function appendToLine(chunk: Uint8Array): number {
    let end = lineBytes
    let lineEnd = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number
      line[end++] = byte
      if (isLineEnd(byte)) lineEnd = end
    }
    lineBytes = end
    return lineEnd
  }

  function flushLine(): void {
    if (lineBytes === 0) return
    const text = decode(line, lineBytes)
    lineBytes = 0
    textLength = readText(text)
  }

  /** Decodes the first `length` bytes, which may begin or end inside a character. */
  function decode(bytes: Uint8Array, length: number): string {
    const wasPartial = isPartial
    const isLong = length > SHORT_BYTES
    // The comparison is negated, so that it is true for an empty chunk, which has no last byte.
    isPartial = !((bytes[length - 1] as number) < NON_ASCII)
    const text =
      wasPartial || isPartial || (isLong && wasWide)
        ? utf8.decode(bytes.subarray(0, length), { stream: true })
        : decodeWhole(bytes, length, utf8)
    if (isLong) wasWide = text.length < length
    return text
  }
}

/**
 * Decodes the first `length` bytes, which begin and end with whole characters. It is not a closure, so V8 calls
 * `utf8Slice` directly: as a closure, it made single tiny events take 15 to 20 % more on Node 20.
 */
function decodeWhole(bytes: Uint8Array, length: number, utf8: Utf8Decoder): string {
  return utf8Slice === undefined
    ? utf8.decode(length === bytes.length ? bytes : bytes.subarray(0, length))
    : utf8Slice.call(bytes, 0, length)
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR
}
