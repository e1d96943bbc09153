/** Text as UTF-8 bytes, by the platform's encoder, which is found at run time. */

import { BYTES_PER_UNIT } from './sizes.ts'

interface Utf8Encoder {
  encode(text: string): Uint8Array
  encodeInto(text: string, target: Uint8Array): { readonly written: number }
}

const platform = globalThis as unknown as {
  readonly TextEncoder: new () => Utf8Encoder
}

/** Room for short pieces of text. */
const SLAB_BYTES = 16 * 1024
const LONE_SURROGATES = /\p{Surrogate}/gu

const encoder = new platform.TextEncoder()
let slab = new Uint8Array(0)
let slabUsed = 0

/**
 * The UTF-8 bytes of a text; a lone surrogate becomes U+FFFD. Short ones share a slab of memory, since
 * an allocation of its own costs more than the encoding.
 */
export function writeText(text: string): Uint8Array {
  const mostBytes = text.length * BYTES_PER_UNIT
  if (mostBytes > SLAB_BYTES / 4) return encoder.encode(text)
  if (slabUsed + mostBytes > slab.length) {
    slab = new Uint8Array(SLAB_BYTES)
    slabUsed = 0
  }
  const { written } = encoder.encodeInto(text, slab.subarray(slabUsed))
  const bytes = slab.subarray(slabUsed, slabUsed + written)
  slabUsed += written
  return bytes
}

/** The text with U+FFFD for each lone surrogate, as UTF-8 would carry it. */
export function toWellFormed(text: string): string {
  // The method is younger than the oldest engines that are supported.
  const { toWellFormed: native } = text as { toWellFormed?: () => string }
  return native ? native.call(text) : text.replace(LONE_SURROGATES, '\uFFFD')
}
