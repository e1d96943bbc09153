/** The event types of the encoder and the decoder. Field names are those of the standard. */

/** What `encodeEvent` writes. A field that is absent (or undefined) writes no line. */
export interface SseEvent {
  /** Any text. Each CRLF, CR or LF starts a new `data` line, and the decoder returns it as LF. */
  readonly data?: string | undefined
  /** The event type. Empty and `message` are the default type and write no line. */
  readonly event?: string | undefined
  /** Sets the last event ID; an empty string resets it. */
  readonly id?: string | undefined
  /** The reconnection time, in milliseconds. */
  readonly retry?: number | undefined
}

/** An event that the decoder dispatches. */
export interface DecodedEvent {
  /** The event type: `message` if the stream names none. */
  readonly event: string
  /** The data lines, joined by LF. */
  readonly data: string
  /** The last event ID string at dispatch. Earlier events may have set it; empty if none has. */
  readonly id: string
}

/** The default event type. */
export const MESSAGE = 'message'
