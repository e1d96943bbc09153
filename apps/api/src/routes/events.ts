/** `GET /events?topic=…&topic=…`: several topics on one connection, with control events. */
import { isTopic } from '@downlink/protocol'
import type Router from '@koa/router'
import type { Context } from 'koa'
import { lastEventIdOf, serveStream } from '../event-stream.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { isStandingTopic, runIdOf, STANDING_TOPICS, standingTopic, wholeRun } from '../topics.ts'
import type { TrainingRun } from '../training-run.ts'

export function events(router: Router, services: Services): void {
  router.get('/events', (ctx) => {
    const names = topicNames(ctx, services.config.MAX_TOPICS)
    const added = addedNames(ctx, names)
    const lastEventId = lastEventIdOf(ctx)
    const standing = names.filter(isStandingTopic)
    const runs = names.filter((name) => !isStandingTopic(name)).map(runNamed)
    return serveStream(ctx, services, 'multiplexed', () => ({
      topics: [
        ...standing.map((name) => standingTopic(services.hub, name)),
        ...runs.map(wholeRun),
      ].map((request) => ({ ...request, added: added.has(request.stream.topic) })),
      lastEventId,
      onOpen() {
        const leaving = runs.map((run) => run.watch())
        return () => leaving.forEach((leave) => leave())
      },
    }))
  })

  function runNamed(name: string): TrainingRun {
    const id = runIdOf(name)
    if (id === undefined) {
      const known = STANDING_TOPICS.join(', ')
      throw new Problem(
        400,
        `There is no topic ${shown(name)}. Topics are ${known} and training/<id of a run>.`,
      )
    }
    const run = services.runs.get(id)
    if (run === undefined)
      throw new Problem(
        404,
        `There is no training run for the topic ${shown(name)}: connect without it. GET /training-runs lists them.`,
      )
    return run
  }
}

/** A name as it may stand in an answer: nothing that could not name a topic is sent back. */
function shown(name: string): string {
  return isTopic(name) ? name : 'of that name'
}

function topicNames(ctx: Context, max: number): readonly string[] {
  const names = new URLSearchParams(ctx.querystring).getAll('topic')
  if (names.length === 0) throw new Problem(400, 'Name at least one topic: /events?topic=time.')
  if (names.length > max) throw new Problem(400, `Name at most ${max} topics (MAX_TOPICS).`)
  if (new Set(names).size < names.length) throw new Problem(400, 'Name each topic once.')
  return names
}

/** Topics that the client has nothing of yet, while it goes on with the others after its last event id. */
function addedNames(ctx: Context, names: readonly string[]): ReadonlySet<string> {
  const added = new Set(new URLSearchParams(ctx.querystring).getAll('added'))
  for (const name of added) {
    if (!names.includes(name))
      throw new Problem(
        400,
        'Each added topic is named as a topic too: /events?topic=time&added=time.',
      )
  }
  return added
}
