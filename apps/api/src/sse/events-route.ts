/** `GET /events?topic=…&topic=…`: several topics on one connection, with control events. */
import { isTopic } from '@downlink/protocol'
import type Router from '@koa/router'
import type { Context } from 'koa'
import { Problem } from '../http/problem.ts'
import type { Services } from '../services.ts'
import type { OpenedTopic, StreamEntry } from '../streams/stream-entry.ts'
import { lastEventIdOf, serveStream } from './event-stream.ts'

export function eventsRoute(router: Router, services: Services): void {
  const { config, streams } = services
  const topicList = listTopics(streams.map(({ entry }) => entry))

  router.get('/events', (ctx) => {
    const names = topicNames(ctx)
    const added = addedNames(ctx, names)
    const lastEventId = lastEventIdOf(ctx)
    const opened = new Map(names.map((name) => [name, open(name)]))
    const unknown = names.filter((name) => opened.get(name) === undefined)
    if (unknown.length === names.length)
      throw new Problem(
        404,
        `No requested topic exists: ${unknown.join(', ')}. Topics are ${topicList}.`,
      )
    return serveStream(ctx, services, 'multiplexed', () => ({
      topics: [...opened].flatMap(([name, topic]) =>
        topic === undefined
          ? []
          : { ...topic, request: { ...topic.request, added: added.has(name) } },
      ),
      refused: unknown.map((topic) => ({ topic, reason: 'unknown' })),
      lastEventId,
    }))
  })

  function open(name: string): OpenedTopic | undefined {
    for (const { served } of streams) {
      const opened = served.open(name)
      if (opened !== undefined) return opened
    }
    return undefined
  }

  function topicNames(ctx: Context): readonly string[] {
    const names = new URLSearchParams(ctx.querystring).getAll('topic')
    if (names.length === 0)
      throw new Problem(400, 'Missing parameter topic. Name at least one: /events?topic=time.')
    if (names.length > config.MAX_TOPICS)
      throw new Problem(400, `Too many topics. Name at most ${config.MAX_TOPICS} (MAX_TOPICS).`)
    if (new Set(names).size < names.length)
      throw new Problem(400, 'Duplicate topic. Name each topic once.')
    // The answer does not repeat the name, which may be any text.
    if (!names.every(isTopic))
      throw new Problem(400, `Malformed topic name. Topics are ${topicList}.`)
    return names
  }
}

/** Topics that a client adds to a connection while its other topics resume after its last event id. */
function addedNames(ctx: Context, names: readonly string[]): ReadonlySet<string> {
  const added = new Set(new URLSearchParams(ctx.querystring).getAll('added'))
  for (const name of added) {
    if (!names.includes(name))
      throw new Problem(
        400,
        'An added topic is missing from the topics. Name it twice: /events?topic=time&added=time.',
      )
  }
  return added
}

function listTopics(entries: readonly StreamEntry[]): string {
  const names = entries.map(({ contract: { topic }, idsFrom }) =>
    idsFrom === undefined ? topic : `${topic}/<id> (${idsFrom})`,
  )
  return names.join(', ')
}
