/** What makes a response an event stream that no cache, compressor or proxy holds back. */
import { EVENT_STREAM_HEADERS } from '@downlink/hub'
import type { Context } from 'koa'

export function setStreamHeaders(ctx: Context): void {
  ctx.status = 200
  ctx.set(EVENT_STREAM_HEADERS)
}
