/** Routes for orchestrators, monitoring and clients: liveness, readiness, metrics, OpenAPI and the server's time. */
import type Router from '@koa/router'
import * as v from 'valibot'
import { jsonResponse, PROBLEM_RESPONSE } from '../http/openapi-responses.ts'
import { Problem } from '../http/problem.ts'
import type { Services } from '../services.ts'
import { describeApi } from './openapi.ts'

const status = v.object({ status: v.string() })
const serverTime = v.object({
  now: v.pipe(v.number(), v.description('Milliseconds since 1970.')),
})

export function probes(router: Router, services: Services): void {
  const { admission, clock, metrics } = services
  router.get('/livez', (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { status: 'alive' } satisfies v.InferOutput<typeof status>
  })
  router.get('/readyz', (ctx) => {
    if (admission.draining) throw new Problem(503, 'This server is shutting down.')
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { status: 'ready' } satisfies v.InferOutput<typeof status>
  })
  router.get('/metrics', async (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = await metrics.text()
    ctx.type = metrics.contentType
  })
  router.get('/time', (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { now: clock.dateMs() } satisfies v.InferOutput<typeof serverTime>
  })
  const description = describeApi(
    services.streams.map(({ entry }) => entry),
    probePaths,
  )
  router.get('/openapi.json', (ctx) => {
    ctx.body = description
  })
}

/** The routes above as OpenAPI path items. */
const probePaths = {
  '/time': {
    get: {
      summary: 'Returns the time of this server, for the offset between two clocks',
      responses: { 200: jsonResponse('The time.', serverTime), default: PROBLEM_RESPONSE },
    },
  },
  '/livez': { get: probe('Whether the process responds') },
  '/readyz': { get: probe('Whether the server accepts new streams; 503 while it shuts down') },
  '/metrics': {
    get: {
      summary: 'Metrics for Prometheus',
      responses: {
        200: {
          description: 'Metrics as text.',
          content: { 'text/plain': { schema: { type: 'string' } } },
        },
      },
    },
  },
}

function probe(summary: string): object {
  return {
    summary,
    responses: { 200: jsonResponse('Yes.', status), default: PROBLEM_RESPONSE },
  }
}
