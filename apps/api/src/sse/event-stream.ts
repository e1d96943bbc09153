/**
 * Serves a stream through Koa: the middleware stays pending until the client has left. It acts when a client joins and
 * leaves; the hub delivers the events in between.
 */
import { EVENT_STREAM_HEADERS, type RefusedTopic, type StreamFormat } from '@downlink/hub'
import { createNodeSink } from '@downlink/hub/node'
import type { Context } from 'koa'
import { Problem } from '../http/problem.ts'
import { limitKey } from '../operations/limits/limit-key.ts'
import { isRefusal, type Refusal } from '../operations/limits/refusal.ts'
import type { Services } from '../services.ts'
import type { OpenedTopic } from '../streams/stream-entry.ts'
import { refuseStream } from './refuse-stream.ts'

export interface Opening {
  readonly topics: readonly OpenedTopic[]
  /** On a multiplexed stream: requested topics that cannot be served. */
  readonly refused?: readonly RefusedTopic[]
  readonly lastEventId: string | undefined
}

/**
 * Serves one stream and resolves when it has ended. HEAD gets only the headers and starts nothing.
 * @param open - called when the stream is admitted; may start work, or refuse the stream for its own reason
 */
export async function serveStream(
  ctx: Context,
  services: Services,
  format: StreamFormat,
  open: () => Opening | Refusal,
): Promise<void> {
  const { admission, clock } = services
  setStreamHeaders(ctx)
  if (ctx.method === 'HEAD') return
  const leave = admission.enter(limitKey(ctx.ip))
  if (typeof leave !== 'function') {
    refuse(leave)
    return
  }
  try {
    const opening = open()
    if (isRefusal(opening)) refuse(opening)
    else await stream(ctx, services, format, opening)
  } finally {
    leave()
  }

  function refuse(refusal: Refusal): void {
    admission.countRefusal(refusal)
    refuseStream(ctx, refusal, format, () => clock.random())
  }
}

async function stream(
  ctx: Context,
  { hub, log, clock }: Services,
  format: StreamFormat,
  { topics, refused = [], lastEventId }: Opening,
): Promise<void> {
  const openedAtMs = clock.now()
  const requests = topics.map(({ request }) => request)
  const onLeft: (() => void)[] = []
  try {
    const sink = createNodeSink(ctx.res)
    const subscription = hub.subscribe({ sink, format, topics: requests, refused, lastEventId })
    for (const { onOpen } of topics) if (onOpen) onLeft.push(onOpen(subscription))
    const reason = await subscription.left
    const { events, bytes, dropped } = subscription.progress()
    log.info(
      {
        path: ctx.path,
        topics: requests.map((request) => request.stream.topic),
        address: ctx.ip,
        outcome: await subscription.outcome,
        reason,
        durationMs: Math.round(clock.now() - openedAtMs),
        events,
        bytes,
        dropped,
      },
      'stream closed',
    )
  } finally {
    for (const act of onLeft) act()
    ctx.res.end()
  }
}

/** Headers that keep caches, compressors and proxies from holding events back. */
export function setStreamHeaders(ctx: Context): void {
  ctx.status = 200
  ctx.set(EVENT_STREAM_HEADERS)
}

/** The id to resume after: from the header, which browsers set themselves, else from the query. Empty means none. */
export function lastEventIdOf(ctx: Context): string | undefined {
  const header = ctx.req.headers['last-event-id']
  if (header !== undefined) return String(header)
  // Koa would keep `ctx.query` for as long as the stream lasts.
  const [lastEventId, ...more] = new URLSearchParams(ctx.querystring).getAll('lastEventId')
  if (more.length > 0) throw new Problem(400, 'Duplicate parameter lastEventId. Send it once.')
  return lastEventId
}
