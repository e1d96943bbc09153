/** The sizes that the decoder and the encoder go by. */

/** The default of `maxEventBytes`: 32 MiB. */
export const DEFAULT_MAX_EVENT_BYTES = 2 ** 25

// A sum of strings is joined when it has more pieces than this, and than one for so many of its characters:
// each takes some 64 bytes until then, and each character is copied so many times at most.
export const PIECES = 131_072
export const PIECE_LENGTH = 64
/** A longer chunk becomes text at once; a shorter one only with the end of its line. */
export const SHORT_BYTES = 512
/** UTF-8 takes at most three bytes for each UTF-16 code unit. */
export const BYTES_PER_UNIT = 3
/** What a line may have beyond the bound: more than a field's name, its colon and a space. */
export const HEAD_LENGTH = 8
/** Short texts are encoded into a piece of memory that they share. */
export const SLAB_BYTES = 16_384
/** Up to 43,690 characters of any kind are encoded into memory that is reused. */
export const SCRATCH_BYTES = 131_072
