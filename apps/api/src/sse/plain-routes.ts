/**
 * The plain stream of each entry, such as `GET /stream-time`: one topic without control events. Where opening a stream
 * starts work, a page of another site gets 403, after which an EventSource does not reconnect. A refusal stream would
 * make it reconnect every few seconds.
 */
import type Router from '@koa/router'
import type { Context } from 'koa'
import { fromOwnPages } from '../http/checks/security.ts'
import { limitKey } from '../operations/limits/limit-key.ts'
import { isRefusal } from '../operations/limits/refusal.ts'
import type { Services } from '../services.ts'
import type { ServedStream } from '../streams/stream-entry.ts'
import { lastEventIdOf, serveStream } from './event-stream.ts'

export function plainRoutes(router: Router, services: Services): void {
  const guard = fromOwnPages(services.config.CORS_ORIGINS)
  for (const { entry, served } of services.streams) {
    if (entry.startsWork) router.get(entry.path, guard)
    // Not an async function: its frame would be kept for as long as a stream lasts.
    router.get(entry.path, (ctx) => serve(ctx, served))
  }

  function serve(ctx: Context, served: ServedStream): Promise<void> | undefined {
    const lastEventId = lastEventIdOf(ctx)
    if (lastEventId !== undefined && served.isOver?.(lastEventId)) {
      ctx.status = 204
      return undefined
    }
    return serveStream(ctx, services, 'plain', () => {
      const opened = served.openPlain({ lastEventId, address: limitKey(ctx.ip) })
      if (isRefusal(opened)) return opened
      return { topics: [opened], lastEventId: opened.resumes === false ? undefined : lastEventId }
    })
  }
}
