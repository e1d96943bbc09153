/**
 * A stream as Koa sees it: a middleware that stays pending until its client has gone. It acts when a client joins
 * and leaves; what flows in between is the hub's.
 */
import {
  createNodeSink,
  type StreamFormat,
  type RefusedTopic,
  type TopicRequest,
} from '@downlink/hub'
import type { Context } from 'koa'
import type { Refusal } from '../operations/admission.ts'
import { limitKey } from '../operations/limit-key.ts'
import { Problem } from '../http/problem.ts'
import { refuseStream } from './refuse-stream.ts'
import type { Services } from '../services.ts'
import { setStreamHeaders } from './stream-headers.ts'

export interface Opening {
  readonly topics: readonly TopicRequest[]
  /** On a multiplexed stream: what was asked for too and cannot be served. */
  readonly refused?: readonly RefusedTopic[]
  readonly lastEventId: string | undefined
  /** Called once the stream is open; what it returns is called when the client has gone. */
  readonly onOpen?: () => () => void
}

/**
 * Serves one stream and resolves when it has ended. HEAD gets the headers alone, and starts nothing.
 * @param open - called when there is room for the stream; may start work, or refuse for a reason of its own
 */
export async function serveStream(
  ctx: Context,
  services: Services,
  format: StreamFormat,
  open: () => Opening | Refusal,
): Promise<void> {
  const { admission, random } = services
  setStreamHeaders(ctx)
  if (ctx.method === 'HEAD') return
  const leave = admission.enter(limitKey(ctx.ip))
  if (typeof leave === 'string') {
    refuse(leave)
    return
  }
  try {
    const opening = open()
    if (typeof opening === 'string') refuse(opening)
    else await stream(ctx, services, format, opening)
  } finally {
    leave()
  }

  function refuse(refusal: Refusal): void {
    admission.countRefusal(refusal)
    refuseStream(ctx, refusal, format, random)
  }
}

async function stream(
  ctx: Context,
  { hub, log, clock }: Services,
  format: StreamFormat,
  { topics, refused = [], lastEventId, onOpen }: Opening,
): Promise<void> {
  const openedAtMs = clock.elapsed()
  let onGone: (() => void) | undefined
  try {
    const sink = createNodeSink(ctx.res)
    const subscription = hub.subscribe({ sink, format, topics, refused, lastEventId })
    onGone = onOpen?.()
    const reason = await subscription.left
    const { events, bytes, dropped } = subscription.progress()
    log.info(
      {
        path: ctx.path,
        topics: topics.map(({ stream: { topic } }) => topic),
        address: ctx.ip,
        outcome: await subscription.outcome,
        reason,
        durationMs: Math.round(clock.elapsed() - openedAtMs),
        events,
        bytes,
        dropped,
      },
      'stream closed',
    )
  } finally {
    onGone?.()
    ctx.res.end()
  }
}

/** The id to go on after: the header's, which browsers set themselves, else the query's. An empty one is none. */
export function lastEventIdOf(ctx: Context): string | undefined {
  const header = ctx.req.headers['last-event-id']
  if (header !== undefined) return String(header)
  // Koa's `ctx.query` would be kept for as long as the stream lasts.
  const [lastEventId, ...more] = new URLSearchParams(ctx.querystring).getAll('lastEventId')
  if (more.length > 0) throw new Problem(400, 'Give lastEventId once.')
  return lastEventId
}
