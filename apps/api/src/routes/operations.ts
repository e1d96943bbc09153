/** What runs the server asks: is it alive, is it ready for more, what has it done, and what time is it here. */
import type Router from '@koa/router'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'

export function operations(router: Router, { admission, clock, metrics }: Services): void {
  router.get('/livez', (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { status: 'alive' }
  })
  router.get('/readyz', (ctx) => {
    if (admission.draining) throw new Problem(503, 'This server is shutting down.')
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { status: 'ready' }
  })
  router.get('/metrics', async (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = await metrics.text()
    ctx.type = metrics.contentType
  })
  router.get('/time', (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { now: clock.now() }
  })
}
