/** What others ask of the server: is it alive, is it ready, what has it done, what can it do, what time is it. */
import type Router from '@koa/router'
import { describeApi } from './openapi.ts'
import { Problem } from '../http/problem.ts'
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
  const description = describeApi()
  router.get('/openapi.json', (ctx) => {
    ctx.body = description
  })
  router.get('/time', (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { now: clock.now() }
  })
}
