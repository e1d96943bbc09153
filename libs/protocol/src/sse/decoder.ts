/** The decoder's options and methods. */
import type { DecodedEvent } from './event.ts'

export interface DecoderOptions {
  /** Called for each event, at the end of its blank line. */
  readonly onEvent: (event: DecodedEvent) => void
  /**
   * Called with a new reconnection time in milliseconds, at the end of its line. It can be any number, including
   * Infinity: clamp it before you pass it to a timer.
   */
  readonly onRetry?: ((retryMs: number) => void) | undefined
  /** Called with each comment line, without the colon and one following space. */
  readonly onComment?: ((text: string) => void) | undefined
  /**
   * The maximum size of one event's data, in UTF-8 bytes. Default: 32 MiB. A line may have 8 bytes more, for the field
   * name. `push` throws for a larger event. Memory stays within a small multiple of this limit.
   */
  readonly maxEventBytes?: number | undefined
  /** The initial last event ID string, from the previous connection. Default: empty. */
  readonly lastEventId?: string | undefined
}

export interface Decoder {
  /**
   * Decodes the next chunk and calls the handlers for everything that it completes. The chunk can be reused afterwards.
   * An unfinished event at the end of the stream is dropped, as the standard requires, so there is no flush. An
   * exception of a handler is thrown to the caller and ends the decoder.
   *
   * @throws {SseError} `event-too-large` for an event over `maxEventBytes`; `decoder-ended` after an exception, and if
   *   a handler calls it.
   */
  push(chunk: Uint8Array | string): void
  /** The last event ID string. Send it as `Last-Event-ID` on the next connection. */
  readonly lastEventId: string
}
