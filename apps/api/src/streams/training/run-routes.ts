/** Training runs as resources: start, list, show and cancel. Their events are on `/events?topic=training/<id>`. */
import type Router from '@koa/router'
import type { Context } from 'koa'
import { limitKey } from '../../operations/limit-key.ts'
import { Problem } from '../../http/problem.ts'
import { requireEmptyBody } from '../../http/request-body.ts'
import type { Services } from '../../services.ts'
import type { TrainingRun } from './run.ts'
import type { RunRefusal } from './runs.ts'

const PATH = '/training-runs'
const RETRY_AFTER_S = 10

export function trainingRuns(router: Router, { config, runs, admission }: Services): void {
  router.post(PATH, async (ctx) => {
    await requireEmptyBody(ctx, config.MAX_BODY_BYTES)
    if (admission.draining)
      throw new Problem(503, 'This server is shutting down, and runs end with it.', {
        'Retry-After': String(RETRY_AFTER_S),
      })
    const run = runs.start('own', limitKey(ctx.ip))
    if (typeof run === 'string')
      throw new Problem(503, limitReached(run), { 'Retry-After': String(RETRY_AFTER_S) })
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

  function limitReached(refusal: RunRefusal): string {
    return refusal === 'too-many-runs'
      ? `At most ${config.MAX_TRAINING_RUNS} trainings run at once (MAX_TRAINING_RUNS).`
      : `At most ${config.MAX_TRAINING_RUNS_PER_ADDRESS} trainings of one address run at once (MAX_TRAINING_RUNS_PER_ADDRESS): cancel one, or wait for its end.`
  }

  function find(id: string | undefined): TrainingRun {
    const run = runs.get(id ?? '')
    if (run === undefined)
      throw new Problem(404, 'There is no such training run. GET /training-runs lists them.')
    return run
  }
}

function show(ctx: Context, body: object): void {
  ctx.set('Cache-Control', 'no-store')
  ctx.body = body
}
