/** Character codes of the format, by name. Bundlers write the numbers in place; the fast decoder has them there already. */

export const LF = 10
export const SPACE = 32
export const COLON = 58
// The letters of `data`.
export const D = 100
export const A = 97
export const T = 116
export const BOM = 0xfeff
/** The first byte that is no character by itself. */
export const NON_ASCII = 0x80
