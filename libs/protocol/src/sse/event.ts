/** An event before it is encoded and after it is decoded, in the words of the standard. */

/** What `encodeEvent` writes. A field that is absent (or undefined) writes no line. */
export interface SseEvent {
  /** Text of any kind; each CRLF, CR or LF starts a new `data` line and is read back as LF. */
  readonly data?: string | undefined
  /** The event type. Empty and `message` are the default type and write no line. */
  readonly event?: string | undefined
  /** The last event ID from now on; an empty one resets it. */
  readonly id?: string | undefined
  /** The reconnection time, in milliseconds. */
  readonly retry?: number | undefined
}

/** What the decoder dispatches. */
export interface DecodedEvent {
  /** The event type: `message` where the stream named none. */
  readonly event: string
  /** The data lines, joined by LF. */
  readonly data: string
  /** The last event ID string at dispatch: also set by earlier events, empty where none was. */
  readonly id: string
}

/** The default event type. */
export const MESSAGE = 'message'
