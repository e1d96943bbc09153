/**
 * What frames take from the platform beside the language, found at run time: UTF-8 coders, which every
 * browser, Node, Deno, Bun and worker has, and Node's faster ways where they are. No platform's types
 * are needed to compile this, and nothing is imported.
 */

interface Utf8Encoder {
  encode(text: string): Uint8Array
  encodeInto(text: string, target: Uint8Array): { readonly written: number }
}

interface Utf8Decoder {
  decode(bytes: Uint8Array, options?: { stream: boolean }): string
}

type Slice = (this: Uint8Array, from: number, to: number) => string
type Find = (this: Uint8Array, byte: number, from?: number) => number

interface Transformer<In, Out> {
  transform(chunk: In, controller: { enqueue(chunk: Out): void }): void
  flush(): void
}

interface TransformPair<In, Out> {
  readonly readable: ReadableStream<Out>
  readonly writable: WritableStream<In>
}

interface Platform {
  readonly String: { readonly prototype: { readonly isWellFormed?: (this: string) => boolean } }
  readonly TransformStream: new <In, Out>(
    transformer: Transformer<In, Out>,
  ) => TransformPair<In, Out>
  readonly TextEncoder: new () => Utf8Encoder
  readonly TextDecoder: new (label: string, options: { ignoreBOM: boolean }) => Utf8Decoder
  readonly Uint8Array: {
    readonly prototype: { readonly indexOf: Find; readonly lastIndexOf: Find }
  }
  readonly Buffer?: {
    readonly byteLength?: (text: string) => number
    readonly prototype?: {
      readonly utf8Slice?: Slice
      readonly latin1Slice?: Slice
      readonly indexOf?: Find
      readonly lastIndexOf?: Find
    }
  }
}

/** From this size on, V8 keeps Latin-1 text outside its heap, and copying bytes into it costs a third of decoding them. */
const LARGE_BYTES = 1 << 20

/** Room for short pieces of encoded text. */
const SLAB_BYTES = 16 * 1024

// The functions below belong to the module, not to a decoder: so V8 knows what they call, and calls it
// directly. It saves a fifth of the time of a short event.
const platform = globalThis as unknown as Platform
const buffer = platform.Buffer
const utf8Slice = buffer?.prototype?.utf8Slice
const latin1Slice = buffer?.prototype?.latin1Slice
const byteLength = buffer?.byteLength
const indexOf = buffer?.prototype?.indexOf ?? platform.Uint8Array.prototype.indexOf
const lastIndexOf = buffer?.prototype?.lastIndexOf ?? platform.Uint8Array.prototype.lastIndexOf

const isWellFormed = platform.String.prototype.isWellFormed
const LONE_SURROGATES = /\p{Surrogate}/gu

let sharedEncoder: Utf8Encoder | undefined
let slab: Uint8Array | undefined
let slabUsed = 0
let sharedDecoder: Utf8Decoder | undefined

/**
 * The UTF-8 bytes of a text; a lone surrogate becomes U+FFFD. Short ones share a slab of memory, since
 * an allocation of its own costs more than the encoding.
 */
export function encodeUtf8(text: string): Uint8Array {
  sharedEncoder ??= new platform.TextEncoder()
  const mostBytes = text.length * 3
  if (mostBytes > SLAB_BYTES / 4) return sharedEncoder.encode(text)
  if (slab === undefined || slabUsed + mostBytes > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES)
    slabUsed = 0
  }
  const { written } = sharedEncoder.encodeInto(text, slab.subarray(slabUsed))
  const bytes = slab.subarray(slabUsed, slabUsed + written)
  slabUsed += written
  return bytes
}

/** The text with U+FFFD for each lone surrogate, as UTF-8 would carry it. */
export function toWellFormed(text: string): string {
  if (isWellFormed === undefined) return text.replace(LONE_SURROGATES, '\uFFFD')
  return isWellFormed.call(text) ? text : text.replace(LONE_SURROGATES, '\uFFFD')
}

export function createTransformStream<In, Out>(
  transformer: Transformer<In, Out>,
): TransformPair<In, Out> {
  return new platform.TransformStream(transformer)
}

/** The first place of a byte at or after `from`, or -1. */
export function findByte(bytes: Uint8Array, byte: number, from: number): number {
  return indexOf.call(bytes, byte, from)
}

/** The last place of a byte, or -1. */
export function findLastByte(bytes: Uint8Array, byte: number): number {
  return lastIndexOf.call(bytes, byte, bytes.length)
}

/**
 * The text of `bytes` from `from` to `to`, where a character ends. Bad bytes become U+FFFD and a BOM
 * stays. On Node 20, short text takes half of a TextDecoder's time and long ASCII a tenth.
 */
export function readText(bytes: Uint8Array, from: number, to: number): string {
  if (utf8Slice === undefined) return readWideText(bytes, from, to)
  if (to - from >= LARGE_BYTES) return readLargeText(bytes, from, to)
  return utf8Slice.call(bytes, from, to)
}

/** As `readText`, for long text that is likely to hold more than ASCII: Node 20 takes half the time of `readText` then. */
export function readWideText(bytes: Uint8Array, from: number, to: number): string {
  sharedDecoder ??= new platform.TextDecoder('utf-8', { ignoreBOM: true })
  // `stream` chooses Node 20's fast path; after the end of a character it leaves nothing behind.
  return sharedDecoder.decode(bytes.subarray(from, to), { stream: true })
}

function readLargeText(bytes: Uint8Array, from: number, to: number): string {
  if (latin1Slice !== undefined && byteLength !== undefined) {
    const text = latin1Slice.call(bytes, from, to)
    if (byteLength(text) === to - from) return text
  }
  return readWideText(bytes, from, to)
}
