/** Limits and thresholds of the decoder and the encoder. */

/** The default of `maxEventBytes`: 32 MiB. */
export const DEFAULT_MAX_EVENT_BYTES = 2 ** 25

// A concatenated string is flattened when it has more than PIECES pieces plus one per PIECE_LENGTH characters. Engines
// keep each piece in about 64 bytes until then, and flattening copies every character.
export const PIECES = 131_072
export const PIECE_LENGTH = 64
/** A longer chunk is decoded to text at once. A shorter one is buffered until its line ends. */
export const SHORT_BYTES = 512
/** UTF-8 takes at most three bytes for each UTF-16 code unit. */
export const BYTES_PER_UNIT = 3
/** How many bytes a line may have beyond `maxEventBytes`: room for the field name, the colon and a space. */
export const HEAD_LENGTH = 8
/** The size of the buffer that encoded short texts share. */
export const SLAB_BYTES = 16_384
/** The size of the reused buffer for longer texts: up to 43,690 characters of any kind fit. */
export const SCRATCH_BYTES = 131_072
