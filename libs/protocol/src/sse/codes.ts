/** Character codes that more than one file of the decoder uses. */

export const BOM = 0xfeff
/** The first byte that is no character by itself. */
export const NON_ASCII = 0x80
