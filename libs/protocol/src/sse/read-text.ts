/**
 * Bytes as text, by the platform's decoder and, where it is, by Node's faster way. Both are found at
 * run time: nothing is imported, and no platform's types are needed to compile this.
 */

interface Utf8Decoder {
  decode(bytes?: Uint8Array, options?: { readonly stream: boolean }): string
}
interface Node {
  readonly Buffer?: { readonly prototype: { readonly utf8Slice?: Slice } }
}
type Slice = (this: Uint8Array, from: number, to: number) => string

declare const TextEncoder: new () => { encode(text: string): Uint8Array }
declare const TextDecoder: new (label: string, options: { ignoreBOM: boolean }) => Utf8Decoder

// It belongs to the module, not to a decoder: so V8 knows what is called, and calls it directly.
const utf8Slice = (globalThis as Node).Buffer?.prototype.utf8Slice

/** A decoder that keeps the beginning of a character for the next bytes. Bad bytes become U+FFFD, a BOM stays. */
export function createUtf8Decoder(): Utf8Decoder {
  return new TextDecoder('utf-8', { ignoreBOM: true })
}

/**
 * The text of bytes that begin and end with whole characters. On Node 20 short text takes half of a
 * decoder's time and long ASCII a tenth; other long text takes twice as much.
 */
export function readText(bytes: Uint8Array, length: number, decoder: Utf8Decoder): string {
  return utf8Slice === undefined
    ? decoder.decode(length === bytes.length ? bytes : bytes.subarray(0, length))
    : utf8Slice.call(bytes, 0, length)
}

/** A text's bytes; for what is rare. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
