/**
 * What this library takes from the platform beside the language, found at run time: UTF-8 coders,
 * which every browser, Node, Deno, Bun and worker has. No platform's types are needed to compile it.
 */

export interface Utf8Encoder {
  encode(text: string): Uint8Array
  encodeInto(text: string, target: Uint8Array): { read: number; written: number }
}

export interface Utf8Decoder {
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string
}

interface Platform {
  readonly TextEncoder: new () => Utf8Encoder
  readonly TextDecoder: new (label: string, options: { ignoreBOM: boolean }) => Utf8Decoder
}

const platform = globalThis as unknown as Platform

export function createUtf8Encoder(): Utf8Encoder {
  return new platform.TextEncoder()
}

/** Bad bytes become U+FFFD; a BOM is kept, since only the very first of a stream is to be removed. */
export function createUtf8Decoder(): Utf8Decoder {
  return new platform.TextDecoder('utf-8', { ignoreBOM: true })
}
