/** The one error of this library's frames: what went wrong as a `code`, the facts as fields. */

/**
 * - `invalid-field`: the encoder was given a field that would break the frame (`field` names it).
 * - `event-too-large`: the peer sent an event over `maxEventBytes`.
 * - `decoder-ended`: `push` was called after an error, or from inside one of the decoder's handlers.
 */
export type SseErrorCode = 'invalid-field' | 'event-too-large' | 'decoder-ended'

/** The field of an event that an error is about. */
export type SseField = 'data' | 'event' | 'id' | 'retry' | 'comment'

/** Thrown by the encoder and the decoder. The message says what to do next. */
export class SseError extends Error {
  override readonly name = 'SseError'
  declare readonly code: SseErrorCode
  /** The field at fault, where one is. */
  declare readonly field: SseField | undefined
  /** The bound that was passed, in bytes, for `event-too-large`. */
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
