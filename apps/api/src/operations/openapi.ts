/** The API as an OpenAPI 3.2 document: the streams from their contracts, the rest by hand. */
import { pickEvents, toOpenApi, type OpenApiDocument } from '@downlink/protocol'
import { jsonSchemaOf, stocks, systemStats, time, training } from '@downlink/protocol/streams'
import { RESOURCES } from './openapi-resources.ts'

const INFO = {
  title: 'Downlink',
  version: '0.1.0',
  summary: 'Typed Server-Sent Events: four live streams, and training runs as resources.',
}

const STREAMS = {
  '/stream-time': time,
  '/system-stats': pickEvents(systemStats, ['message']),
  '/stream-training': training,
  '/stream-stocks': stocks,
  '/events': [time, systemStats, stocks, training],
}

export function describeApi(): OpenApiDocument {
  const document = toOpenApi(STREAMS, INFO, { jsonSchemaOf })
  const { '/events': events, ...plain } = document.paths
  return { ...document, paths: { ...plain, '/events': ofRuns(events), ...RESOURCES } }
}

const EVENTS_PARAMETERS = [
  {
    name: 'added',
    in: 'query',
    description: 'A topic that the client has nothing of yet, while the others go on; repeated.',
    schema: { type: 'array', items: { type: 'string' } },
  },
  {
    name: 'lastEventId',
    in: 'query',
    description: 'As the header Last-Event-ID, which wins, for clients that cannot set it.',
    schema: { type: 'string' },
  },
]

/** On `/events` the training's topic is that of one run, `training/<id>`, and the query can say more. */
function ofRuns(path: unknown): Record<string, unknown> {
  const topicOfRun = `^${training.topic}/[^/]+`
  return JSON.parse(JSON.stringify(path), (key, value: unknown) => {
    if (key === 'event') {
      const [topic, name] = String((value as { const?: string }).const).split('/')
      if (topic === training.topic) return { type: 'string', pattern: `${topicOfRun}/${name}$` }
    }
    if (key === 'parameters') return [...(value as unknown[]), ...EVENTS_PARAMETERS]
    if (key === 'items' && Array.isArray((value as { enum?: unknown }).enum)) {
      const { enum: topics } = value as { enum: string[] }
      const standing = topics.filter((topic) => topic !== training.topic)
      return { anyOf: [{ enum: standing }, { type: 'string', pattern: `${topicOfRun}$` }] }
    }
    return value
  }) as Record<string, unknown>
}
