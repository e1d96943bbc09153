/** Text as UTF-8 bytes, by the platform's encoder, which is found at run time. */

import { BYTES_PER_UNIT, SCRATCH_BYTES, SLAB_BYTES } from './sizes.ts'

interface Utf8Encoder {
  encode(text: string): Uint8Array
  encodeInto(text: string, target: Uint8Array): { readonly read: number; readonly written: number }
}

declare const TextEncoder: new () => Utf8Encoder

const SURROGATES = /[\ud800-\udfff]/

const encoder = new TextEncoder()
/** What is left of the slab. */
let rest = new Uint8Array(0)
/** Reused for long text that is not ASCII; allocated for the first one. */
let scratch: Uint8Array | undefined
/** The last long text was not ASCII, so the next is probably not ASCII either. */
let wide = false

/**
 * How much text to join before it is written. V8 allocates strings over 128 KB as large objects, and text that is
 * not ASCII takes 2 bytes per character: 100 events of 1 KB, joined, took 1.4 to 1.8 times as long as one by one.
 * With this limit they take 0.7 to 1.1 times as long.
 */
export function joinLimit(): number {
  return wide ? 32_768 : 100_000
}

/**
 * The UTF-8 bytes of a text; a lone surrogate becomes U+FFFD. Short ones share a slab of memory, since
 * an allocation of its own costs more than the encoding.
 */
export function writeText(text: string): Uint8Array {
  const mostBytes = text.length * BYTES_PER_UNIT
  if (mostBytes > SLAB_BYTES / 4) return writeLong(text)
  if (mostBytes > rest.length) rest = new Uint8Array(SLAB_BYTES)
  const { written } = encoder.encodeInto(text, rest)
  const bytes = rest.subarray(0, written)
  rest = rest.subarray(written)
  return bytes
}

function writeLong(text: string): Uint8Array {
  if (wide && text.length * BYTES_PER_UNIT <= SCRATCH_BYTES) {
    // On Node 20, writing and copying takes 0.6 of the time of `encode`, which first counts the bytes.
    scratch ??= new Uint8Array(SCRATCH_BYTES)
    const { written } = encoder.encodeInto(text, scratch)
    wide = written > text.length
    return scratch.slice(0, written)
  }
  // ASCII needs as many bytes as it has characters, so nothing has to be counted.
  const ascii = new Uint8Array(wide ? 0 : text.length)
  if (encoder.encodeInto(text, ascii).read === text.length) return ascii
  const bytes = encoder.encode(text)
  wide = bytes.length > text.length
  return bytes
}

/**
 * The text with U+FFFD for each lone surrogate, as UTF-8 would carry it. ES2022's types lack the method, and
 * Chromium takes more time for it than for a pattern, which engines do not even try on text of one byte a character.
 */
export function toWellFormed(text: string): string {
  return SURROGATES.test(text)
    ? (text as unknown as { toWellFormed(): string }).toWellFormed()
    : text
}
