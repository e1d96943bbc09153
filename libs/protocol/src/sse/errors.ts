/** The error of the encoder and the decoder. */

/**
 * - `invalid-field`: a field passed to the encoder would break the frame; `field` names it.
 * - `event-too-large`: the peer sent an event larger than `maxEventBytes`.
 * - `decoder-ended`: `push` was called after an error, or from a handler of the decoder.
 */
export type SseErrorCode = 'invalid-field' | 'event-too-large' | 'decoder-ended'

/** The name of a field. */
export type SseField = 'data' | 'event' | 'id' | 'retry' | 'comment'

/** Thrown by the encoder and the decoder. The message says what to do. */
export class SseError extends Error {
  override readonly name = 'SseError'
  declare readonly code: SseErrorCode
  /** The invalid field, for `invalid-field`. */
  declare readonly field: SseField | undefined
  /** The limit that was exceeded, in bytes, for `event-too-large`. */
  declare readonly maxEventBytes: number | undefined

  constructor(
    code: SseErrorCode,
    message: string,
    facts?: { field?: SseField; maxEventBytes?: number },
  ) {
    super(message)
    this.code = code
    Object.assign(this, facts)
  }
}
