/**
 * Refuses a stream. An EventSource fails for good on 429 and 503, so a client that asks for an event stream gets one that
 * holds only a reconnection time, and ends. Other clients, such as curl, get 503.
 */
import { encodeRefusal, type StreamFormat } from '@downlink/hub'
import type { Context } from 'koa'
import { Problem } from '../http/problem.ts'
import { retryDelayMs, type Refusal } from '../operations/limits/refusal.ts'
import { setStreamHeaders } from './event-stream.ts'

/** Names the reason in both forms, for clients that can read headers. */
const REFUSED_HEADER = 'Downlink-Refused'

/** @param format - a multiplexed stream gets `downlink.bye` too, which its client reads */
export function refuseStream(
  ctx: Context,
  refusal: Refusal,
  format: StreamFormat,
  random: () => number,
): void {
  const { reason, detail } = refusal
  const reconnectMs = retryDelayMs(refusal, random)
  const headers = {
    [REFUSED_HEADER]: reason,
    'Retry-After': String(Math.ceil(reconnectMs / 1000)),
  }
  if (!asksForEventStream(ctx)) throw new Problem(503, detail, headers)
  setStreamHeaders(ctx)
  ctx.set(headers)
  ctx.body = encodeRefusal({ format, reason, reconnectMs, detail })
}

/** EventSource and the client library name the type; `curl` and a bare `fetch` accept anything. */
function asksForEventStream(ctx: Context): boolean {
  return ctx.get('Accept').includes('text/event-stream')
}
