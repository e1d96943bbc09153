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

/** What is used of the platform's classes, for those who declare them. */
export type TextDecoderConstructor = new (
  label: string,
  options: { readonly ignoreBOM: boolean },
) => Utf8Decoder
export type TextEncoderConstructor = new () => { encode(text: string): Uint8Array }

// It belongs to the module, not to a decoder: so V8 knows what is called, and calls it directly.
const utf8Slice = (globalThis as Node).Buffer?.prototype.utf8Slice

/**
 * The text of bytes that begin and end with whole characters. On Node 20 short text takes half of a
 * decoder's time and long ASCII a tenth; other long text takes twice as much.
 */
export function readText(bytes: Uint8Array, length: number, decoder: Utf8Decoder): string {
  return utf8Slice === undefined
    ? decoder.decode(length === bytes.length ? bytes : bytes.subarray(0, length))
    : utf8Slice.call(bytes, 0, length)
}
