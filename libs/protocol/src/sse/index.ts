/** Frames of a `text/event-stream`: `@downlink/protocol/sse`. */
export { createDecoder } from './decode.ts'
export type { Decoder, DecoderOptions } from './decoder.ts'
export { DEFAULT_MAX_EVENT_BYTES } from './sizes.ts'
export { createDecoderStream, readEvents } from './decoder-stream.ts'
export type { ByteStream, DecoderStream, DecoderStreamOptions } from './decoder-stream.ts'
export {
  encodeComment,
  encodeCommentBytes,
  encodeEvent,
  encodeEventBytes,
  encodeEventsBytes,
} from './encode.ts'
export { SseError } from './errors.ts'
export type { SseErrorCode, SseField } from './errors.ts'
export type { DecodedEvent, SseEvent } from './event.ts'
