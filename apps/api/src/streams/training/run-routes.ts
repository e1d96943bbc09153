/** Training runs as resources: start, list, show and cancel. Their events are on `/events?topic=training/<id>`. */
import type Router from '@koa/router'
import type { Context } from 'koa'
import { jsonResponse, PROBLEM_RESPONSE } from '../../http/openapi-responses.ts'
import { Problem } from '../../http/problem.ts'
import { requireEmptyBody } from '../../http/checks/request-body.ts'
import { limitKey } from '../../operations/limits/limit-key.ts'
import { isRefusal } from '../../operations/limits/refusal.ts'
import type { Services } from '../../services.ts'
import { runList, runView } from './run-view.ts'
import type { TrainingRun } from './run.ts'
import type { TrainingRuns } from './runs.ts'

const PATH = '/training-runs'
const RETRY_AFTER_S = 10

export function runRoutes(
  router: Router,
  { config, admission }: Services,
  runs: TrainingRuns,
): void {
  router.post(PATH, async (ctx) => {
    await requireEmptyBody(ctx, config.MAX_BODY_BYTES)
    if (admission.draining) throw unavailable('This server is shutting down. Try again later.')
    const run = runs.start('own', limitKey(ctx.ip))
    if (isRefusal(run)) throw unavailable(run.detail)
    ctx.status = 201
    ctx.set('Location', `${PATH}/${run.id}`)
    show(ctx, run.view())
  })
  router.get(PATH, (ctx) => show(ctx, { runs: runs.list().map((run) => run.view()) }))
  router.get(`${PATH}/:id`, (ctx) => show(ctx, find(ctx.params['id']).view()))
  router.delete(`${PATH}/:id`, async (ctx) => {
    await find(ctx.params['id']).cancel()
    ctx.status = 204
  })

  function find(id: string | undefined): TrainingRun {
    const run = runs.get(id ?? '')
    if (run === undefined)
      throw new Problem(404, 'This training run does not exist. GET /training-runs lists all runs.')
    return run
  }
}

function unavailable(detail: string): Problem {
  return new Problem(503, detail, { 'Retry-After': String(RETRY_AFTER_S) })
}

function show(ctx: Context, body: object): void {
  ctx.set('Cache-Control', 'no-store')
  ctx.body = body
}

/** The routes above as OpenAPI path items. */
export const runPaths = {
  [PATH]: {
    get: {
      summary: 'Lists all training runs that are kept, latest first',
      responses: { 200: jsonResponse('All runs.', runList), default: PROBLEM_RESPONSE },
    },
    post: {
      summary: 'Starts a training run',
      responses: {
        201: {
          ...jsonResponse('The run has started.', runView),
          headers: { Location: { schema: { type: 'string' } } },
        },
        503: {
          ...PROBLEM_RESPONSE,
          description:
            'Too many runs are in progress (MAX_TRAINING_RUNS, MAX_TRAINING_RUNS_PER_ADDRESS), or the server is shutting down.',
        },
        default: PROBLEM_RESPONSE,
      },
    },
  },
  [`${PATH}/{id}`]: {
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    get: {
      summary: 'Shows a training run',
      responses: { 200: jsonResponse('The run.', runView), default: PROBLEM_RESPONSE },
    },
    delete: {
      summary: 'Cancels a training run; a run that has ended does not change',
      responses: { 204: { description: 'The run has ended.' }, default: PROBLEM_RESPONSE },
    },
  },
}
