/** Contracts that type a stream end to end: `@downlink/protocol`. */
export type { Clock } from '../clock.ts'
export { createCatalog } from './catalog.ts'
export type { Catalog, StreamOn } from './catalog.ts'
export { control, isControlEvent } from './control.ts'
export type { Bye, Dropped, Hello, Refused, ResumeOutcome } from './control.ts'
export { defineStream, instance, json, text } from './define-stream.ts'
export type {
  Coding,
  EventData,
  EventInput,
  EventName,
  Events,
  Overflow,
  Stream,
  StreamEvent,
} from './define-stream.ts'
export { ContractError } from './errors.ts'
export type { ContractErrorCode, ContractErrorFacts } from './errors.ts'
export { MAX_JSON_DEPTH } from './json-limits.ts'
export {
  formatEventId,
  formatEventName,
  isEventName,
  isTopic,
  MAX_NAME_LENGTH,
  parseEventId,
  parseEventName,
  RESERVED_PREFIX,
} from './names.ts'
export type { EventId } from './names.ts'
export { toOpenApi } from './openapi.ts'
export type {
  JsonSchema,
  OpenApiDocument,
  OpenApiInfo,
  OpenApiOptions,
  StreamPath,
} from './openapi.ts'
export { pack } from './pack.ts'
export type { Packed } from './pack.ts'
export type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.ts'
export { MAX_DATA_LENGTH, unpack } from './unpack.ts'
export type { Unpacked, UnpackFailure, UnpackFailureCode } from './unpack.ts'
