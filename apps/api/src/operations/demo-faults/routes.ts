/** `POST /demo-faults/<fault>`, if DEMO_FAULTS is set. */
import type Router from '@koa/router'
import type { Context } from 'koa'
import type { DemoFaults } from './faults.ts'
import { Problem } from '../../http/problem.ts'

const PATH = '/demo-faults'
const MAX_VISITOR_LENGTH = 64
/** An id of an unknown epoch, which makes the resume a gap. */
const UNKNOWN_ID = 'unknown-0'

export function demoFaultRoutes(router: Router, faults: DemoFaults): void {
  const toVisitor = { cut: faults.cut, stall: faults.stall, expire: faults.expire }
  const toAll = { flood: faults.flood, restart: faults.restart }

  router.get('/events', async (ctx, next) => {
    const visitor = visitorOf(ctx)
    if (visitor === undefined || ctx.method === 'HEAD') {
      await next()
      return
    }
    if (faults.consumeExpired(visitor)) ctx.req.headers['last-event-id'] = UNKNOWN_ID
    const leave = faults.open(visitor, ctx.res)
    try {
      await next()
    } finally {
      leave()
    }
  })
  router.get(PATH, (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { faults: [...Object.keys(toVisitor), ...Object.keys(toAll)] }
  })
  for (const [name, fault] of Object.entries(toVisitor))
    router.post(`${PATH}/${name}`, (ctx) => {
      const visitor = visitorOf(ctx)
      if (visitor === undefined)
        throw new Problem(
          400,
          `Missing parameter visitor. Send POST ${PATH}/${name}?visitor=<name as on /events>.`,
        )
      if (!fault(visitor)) throw new Problem(404, 'This visitor has no open stream on /events.')
      ctx.status = 204
    })
  for (const [name, fault] of Object.entries(toAll))
    router.post(`${PATH}/${name}`, (ctx) => {
      fault()
      ctx.status = 202
    })
}

/** The name that a page gives itself. A longer one is ignored, because names are kept in memory. */
function visitorOf(ctx: Context): string | undefined {
  const visitor = ctx.URL.searchParams.get('visitor') ?? ''
  return visitor === '' || visitor.length > MAX_VISITOR_LENGTH ? undefined : visitor
}
