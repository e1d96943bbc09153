/** Frames of a `text/event-stream`: `@downlink/protocol/sse`. */
export { createDecoder, DEFAULT_MAX_EVENT_BYTES } from './decode.ts'
export type { Decoder, DecoderOptions } from './decode.ts'
export { encodeComment, encodeCommentBytes, encodeEvent, encodeEventBytes } from './encode.ts'
export { SseError } from './errors.ts'
export type { SseErrorCode, SseField } from './errors.ts'
export type { DecodedEvent, SseEvent } from './event.ts'
