/** Text as UTF-8 bytes, by the platform's encoder, which is found at run time. */

import { BYTES_PER_UNIT, SLAB_BYTES } from './sizes.ts'

interface Utf8Encoder {
  encode(text: string): Uint8Array
  encodeInto(text: string, target: Uint8Array): { readonly read: number; readonly written: number }
}

declare const TextEncoder: new () => Utf8Encoder

const SURROGATES = /[\ud800-\udfff]/

const encoder = new TextEncoder()
/** What is left of the slab. */
let rest = new Uint8Array(0)
/** The last long text held more than ASCII, and so may the next. */
let wide = false

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

/** ASCII needs as many bytes as it has characters: to count them first, as `encode` does, takes as long as to write them. */
function writeLong(text: string): Uint8Array {
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
