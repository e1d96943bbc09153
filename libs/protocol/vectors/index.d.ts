/** A stream and the expected result of a decoder. */
export interface DecodeVector {
  readonly name: string
  /** The chunks in the order of their arrival. A string stands for its UTF-8 bytes. */
  readonly chunks: readonly (string | { readonly hex: string })[]
  readonly events: readonly { readonly event: string; readonly data: string; readonly id: string }[]
  readonly lastEventId?: string
  readonly retry?: readonly number[]
  readonly comments?: readonly string[]
  /** How many events have been dispatched after each chunk. */
  readonly after?: readonly number[]
}

/** Fields and their frame, or the name of the field that the encoder must reject. */
export interface EncodeVector {
  readonly name: string
  readonly fields: {
    readonly data?: string
    readonly event?: string
    readonly id?: string
    readonly retry?: number
    readonly comment?: string
  }
  readonly frame?: string
  readonly refused?: string
}

export declare const decodeVectors: readonly DecodeVector[]
export declare const encodeVectors: readonly EncodeVector[]
