/** `GET /events?topic=…&topic=…`: several topics on one connection, with control events. */
import { isTopic } from '@downlink/protocol'
import type Router from '@koa/router'
import type { Context } from 'koa'
import { lastEventIdOf, serveStream } from './event-stream.ts'
import { Problem } from '../http/problem.ts'
import type { Services } from '../services.ts'
import { isStandingTopic, runIdOf, STANDING_TOPICS, standingTopic, wholeRun } from '../topics.ts'
import type { TrainingRun } from '../streams/training/run.ts'

export function events(router: Router, services: Services): void {
  router.get('/events', (ctx) => {
    const names = topicNames(ctx, services.config.MAX_TOPICS)
    const added = addedNames(ctx, names)
    const lastEventId = lastEventIdOf(ctx)
    const standing = names.filter(isStandingTopic)
    const asked = names.filter((name) => !isStandingTopic(name))
    const runs = asked.map(runNamed).filter((run) => run !== undefined)
    const unknown = asked.filter((name) => runNamed(name) === undefined)
    if (unknown.length === names.length) throw noneFound(unknown)
    return serveStream(ctx, services, 'multiplexed', () => ({
      topics: [
        ...standing.map((name) => standingTopic(services.hub, name)),
        ...runs.map(wholeRun),
      ].map((request) => ({ ...request, added: added.has(request.stream.topic) })),
      refused: unknown.map((topic) => ({ topic, reason: 'unknown' })),
      lastEventId,
      onOpen() {
        const leaving = runs.map((run) => run.watch())
        return () => leaving.forEach((leave) => leave())
      },
    }))
  })

  function runNamed(name: string): TrainingRun | undefined {
    const id = runIdOf(name)
    return id === undefined ? undefined : services.runs.get(id)
  }
}

const TOPICS = `${STANDING_TOPICS.join(', ')} and training/<id>, where GET /training-runs lists the ids`

function noneFound(names: readonly string[]): Problem {
  return new Problem(404, `No requested topic exists: ${names.join(', ')}. Topics are ${TOPICS}.`)
}

function topicNames(ctx: Context, max: number): readonly string[] {
  const names = new URLSearchParams(ctx.querystring).getAll('topic')
  if (names.length === 0) throw new Problem(400, 'Name at least one topic: /events?topic=time.')
  if (names.length > max) throw new Problem(400, `Name at most ${max} topics (MAX_TOPICS).`)
  if (new Set(names).size < names.length) throw new Problem(400, 'Name each topic once.')
  // Not repeated in the answer: the name may be anything.
  if (!names.every(isTopic)) throw new Problem(400, `Malformed topic name. Topics are ${TOPICS}.`)
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
