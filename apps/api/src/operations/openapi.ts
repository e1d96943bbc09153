/** The API as an OpenAPI 3.2 document: streams from their contracts, resources from their schemas. */
import { toOpenApi, type OpenApiDocument } from '@downlink/protocol'
import { jsonSchemaOf } from '@downlink/protocol/streams'
import type { StreamEntry } from '../streams/stream-entry.ts'

const INFO = {
  title: 'Downlink',
  version: '0.1.0',
  summary: 'Typed Server-Sent Events: live streams, and training runs as resources.',
}

export function describeApi(
  streams: readonly StreamEntry[],
  paths: Readonly<Record<string, object>>,
): OpenApiDocument {
  const contracts = streams.map(({ contract }) => contract)
  const plain = Object.fromEntries(
    streams.map(({ path, contract, plainContract = contract }) => [path, plainContract]),
  )
  const document = toOpenApi({ ...plain, '/events': contracts }, INFO, { jsonSchemaOf })
  const { '/events': events, ...plainPaths } = document.paths
  const more = Object.assign({}, ...streams.map((entry) => entry.paths ?? {}), paths) as object
  return {
    ...document,
    paths: { ...plainPaths, '/events': withInstances(events, streams), ...more },
  }
}

const EVENTS_PARAMETERS = [
  {
    name: 'added',
    in: 'query',
    description:
      'A topic that this connection adds: it starts as for a new subscriber, and the others resume. May be repeated.',
    schema: { type: 'array', items: { type: 'string' } },
  },
  {
    name: 'lastEventId',
    in: 'query',
    description: 'For clients that cannot set the header Last-Event-ID, which takes precedence.',
    schema: { type: 'string' },
  },
]

/** On `/events` a stream with instances has the topics `<topic>/<id>`; and the query has more parameters. */
function withInstances(path: unknown, streams: readonly StreamEntry[]): Record<string, unknown> {
  const instances = streams
    .filter(({ idsFrom }) => idsFrom !== undefined)
    .map(({ contract: { topic } }) => topic)
  return JSON.parse(JSON.stringify(path), (key, value: unknown) => {
    if (key === 'event') {
      const [topic = '', name] = String((value as { const?: string }).const).split('/')
      if (instances.includes(topic)) return { type: 'string', pattern: `^${topic}/[^/]+/${name}$` }
    }
    if (key === 'parameters') return [...(value as unknown[]), ...EVENTS_PARAMETERS]
    if (key === 'items' && Array.isArray((value as { enum?: unknown }).enum)) {
      const { enum: topics } = value as { enum: string[] }
      const standing = topics.filter((topic) => !instances.includes(topic))
      const patterns = instances.map((topic) => ({ type: 'string', pattern: `^${topic}/[^/]+$` }))
      return { anyOf: [{ enum: standing }, ...patterns] }
    }
    return value
  }) as Record<string, unknown>
}
