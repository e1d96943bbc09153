/**
 * `GET /stream-training`: starts a run and streams it. A reconnect with the run's last id goes on with the same run;
 * once the client has seen its end, 204 tells an EventSource to stop asking.
 */
import type Router from '@koa/router'
import { lastEventIdOf, serveStream } from '../event-stream.ts'
import type { Services } from '../services.ts'
import { wholeRun } from '../topics.ts'

export function trainingStream(router: Router, services: Services): void {
  const { runs } = services
  router.get('/stream-training', async (ctx) => {
    const lastEventId = lastEventIdOf(ctx)
    const known = lastEventId === undefined ? undefined : runs.after(lastEventId)
    if (known === 'over') {
      ctx.status = 204
      return
    }
    await serveStream(ctx, services, 'plain', () => {
      const run = known ?? runs.start('watched')
      if (run === undefined) return 'too-many-runs'
      return {
        topics: [wholeRun(run)],
        // An id that leads to no run means nothing to the new one.
        lastEventId: known && lastEventId,
        onOpen: () => run.watch(),
      }
    })
  })
}
