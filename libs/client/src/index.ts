/** A client for typed event streams: `@downlink/client`. */
export { LinkError } from './errors.ts'
export type { LinkErrorCode } from './errors.ts'
export { createLink } from './link/link.ts'
export type { IterableOptions, Link } from './link/link.ts'
export type { BodySource, HeadersRequest, HeadersSource, LinkOptions } from './options.ts'
export type { LinkStatus, RetryReason } from './status.ts'
export type { StreamHandlers } from './link/subscriptions.ts'
export type { WireFrame } from './connection/wire-frames.ts'
