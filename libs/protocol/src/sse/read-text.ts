/**
 * Bytes as text, by the platform's decoder and, where they are, by Node's faster ways. All are found at
 * run time: nothing is imported, and no platform's types are needed to compile this.
 */

interface Utf8Decoder {
  decode(bytes: Uint8Array, options: { readonly stream: boolean }): string
}

type Slice = (this: Uint8Array, from: number, to: number) => string
type Find = (this: Uint8Array, byte: number, from: number) => number
interface Methods {
  readonly utf8Slice?: Slice
  readonly latin1Slice?: Slice
  readonly lastIndexOf: Find
}

const platform = globalThis as unknown as {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array }
  readonly TextDecoder: new (label: string, options: { ignoreBOM: boolean }) => Utf8Decoder
  readonly Uint8Array: { readonly prototype: Methods }
  readonly Buffer?: { readonly prototype: Methods; readonly byteLength: (text: string) => number }
}

/** From this size on V8 keeps Latin-1 text outside its heap: a copy, at a third of what decoding costs. */
const LARGE_BYTES = 1 << 20

// The functions below belong to the module, not to a decoder: so V8 knows what they call, and calls it
// directly. That saves a fifth of the time of a short event.
const byteLength = platform.Buffer?.byteLength
const { utf8Slice, latin1Slice, lastIndexOf } = (platform.Buffer ?? platform.Uint8Array).prototype

const decoder = new platform.TextDecoder('utf-8', { ignoreBOM: true })

/** The last place of a byte at or before `from`, or -1. */
export function findLastByte(bytes: Uint8Array, byte: number, from: number): number {
  return lastIndexOf.call(bytes, byte, from)
}

/**
 * The text of `bytes` from `from` to `to`, where a line ends. Bad bytes become U+FFFD and a BOM stays.
 * On Node 20 short text takes half of a TextDecoder's time, and long ASCII a tenth.
 */
export function readText(bytes: Uint8Array, from: number, to: number): string {
  if (utf8Slice === undefined) return readWideText(bytes, from, to)
  if (to - from >= LARGE_BYTES && latin1Slice !== undefined) {
    const text = latin1Slice.call(bytes, from, to)
    if (byteLength?.(text) === to - from) return text
  }
  return utf8Slice.call(bytes, from, to)
}

/** As `readText`, for long text that holds more than ASCII: on Node 20 it takes half of its time. */
export function readWideText(bytes: Uint8Array, from: number, to: number): string {
  // `stream` chooses Node 20's faster way. After a line end nothing is left behind for the next text.
  return decoder.decode(bytes.subarray(from, to), { stream: true })
}

/** A text's bytes; for what is rare. */
export function bytesOf(text: string): Uint8Array {
  return new platform.TextEncoder().encode(text)
}
