/**
 * `GET /stream-training`: starts a run and streams it. A reconnect with the run's last id goes on with the same run;
 * once the client has seen its end, 204 tells an EventSource to stop asking. A page of another site gets 403, after
 * which an EventSource does not reconnect: a refusal stream would bring it back every few seconds, for ever.
 */
import type Router from '@koa/router'
import { lastEventIdOf, serveStream } from '../../sse/event-stream.ts'
import { fromOwnPages } from '../../http/security.ts'
import { limitKey } from '../../operations/limit-key.ts'
import type { Services } from '../../services.ts'
import { wholeRun } from '../../topics.ts'

export function trainingStream(router: Router, services: Services): void {
  const { runs, config } = services
  router.get('/stream-training', fromOwnPages(config.CORS_ORIGINS), async (ctx) => {
    const lastEventId = lastEventIdOf(ctx)
    const known = lastEventId === undefined ? undefined : runs.after(lastEventId)
    if (known === 'over') {
      ctx.status = 204
      return
    }
    await serveStream(ctx, services, 'plain', () => {
      const run = known ?? runs.start('watched', limitKey(ctx.ip))
      if (typeof run === 'string') return run
      return {
        topics: [wholeRun(run)],
        // An id that leads to no run means nothing to the new one.
        lastEventId: known && lastEventId,
        onOpen: () => run.watch(),
      }
    })
  })
}
