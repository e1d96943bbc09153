/** Contracts that type a stream from publish to receipt: `@downlink/protocol`. */
export type { Clock } from './clock.ts'
export { createCatalog } from './contract/catalog.ts'
export type { Catalog, StreamOn } from './contract/catalog.ts'
export { control, isControlEvent } from './contract/control.ts'
export type { Bye, Dropped, Health, Hello, Refused, ResumeOutcome } from './contract/control.ts'
export { defineStream, instance, json, pickEvents, text } from './contract/define-stream.ts'
export type {
  Coding,
  EventData,
  EventInput,
  EventName,
  Events,
  History,
  Overflow,
  Stream,
  StreamEvent,
} from './contract/define-stream.ts'
export { ContractError } from './contract/errors.ts'
export type { ContractErrorCode, ContractErrorFacts } from './contract/errors.ts'
export { MAX_JSON_DEPTH } from './contract/json-limits.ts'
export {
  formatEventId,
  formatEventName,
  isEventName,
  isTopic,
  MAX_NAME_LENGTH,
  parseEventId,
  parseEventName,
  RESERVED_PREFIX,
} from './contract/names.ts'
export type { EventId } from './contract/names.ts'
export { toOpenApi } from './openapi/openapi.ts'
export type {
  JsonSchema,
  OpenApiDocument,
  OpenApiInfo,
  OpenApiOptions,
  StreamPath,
} from './openapi/openapi.ts'
export { pack } from './contract/pack.ts'
export type { Packed } from './contract/pack.ts'
export { MAX_DATA_LENGTH, unpack } from './contract/unpack.ts'
export type { Unpacked, UnpackFailure, UnpackFailureCode } from './contract/unpack.ts'
