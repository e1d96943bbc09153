/** The API as an OpenAPI 3.2 document: the streams from their contracts, the rest by hand. */
import { toOpenApi, type OpenApiDocument } from '@downlink/protocol'
import { jsonSchemaOf, stocks, systemStats, time, training } from '@downlink/protocol/streams'
import { settings } from './config.ts'

const INFO = {
  title: 'Downlink',
  version: '0.1.0',
  summary: 'Typed Server-Sent Events: four live streams, and training runs as resources.',
}

const STREAMS = {
  '/stream-time': time,
  '/system-stats': systemStats,
  '/stream-training': training,
  '/stream-stocks': stocks,
  '/events': [time, systemStats, stocks, training],
}

const RUN = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    state: { enum: ['running', 'complete', 'cancelled'] },
    topic: { type: 'string', pattern: '^training/' },
    startedAt: { type: 'string', format: 'date-time' },
    endedAt: { type: ['string', 'null'], format: 'date-time' },
    totalEpochs: { type: 'integer' },
    epoch: { type: ['integer', 'null'] },
    progressPercent: { type: ['number', 'null'] },
    loss: { type: ['number', 'null'] },
  },
  required: [
    'id',
    'state',
    'topic',
    'startedAt',
    'endedAt',
    'totalEpochs',
    'epoch',
    'progressPercent',
    'loss',
  ],
}

const PROBLEM = {
  description: 'What went wrong (RFC 9457).',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        properties: {
          title: { type: 'string' },
          status: { type: 'integer' },
          detail: { type: 'string' },
        },
        required: ['title', 'status'],
      },
    },
  },
}

const ID = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }

const RESOURCES = {
  '/training-runs': {
    get: {
      summary: 'All training runs that are kept, newest first',
      responses: ok({
        type: 'object',
        properties: { runs: { type: 'array', items: RUN } },
        required: ['runs'],
      }),
    },
    post: {
      summary: 'Starts a training run',
      responses: {
        201: {
          description: 'It runs.',
          headers: { Location: { schema: { type: 'string' } } },
          content: json(RUN),
        },
        503: {
          ...PROBLEM,
          description: `As many run as may: MAX_TRAINING_RUNS, by default ${settings.MAX_TRAINING_RUNS.default}.`,
        },
        default: PROBLEM,
      },
    },
  },
  '/training-runs/{id}': {
    parameters: [ID],
    get: { summary: 'One training run', responses: ok(RUN) },
    delete: {
      summary: 'Cancels a training run; one that has ended stays as it is',
      responses: { 204: { description: 'It does not run.' }, default: PROBLEM },
    },
  },
  '/time': {
    get: {
      summary: 'The time of this server, for the offset between two clocks',
      responses: ok({
        type: 'object',
        properties: { now: { type: 'number', description: 'Milliseconds since 1970.' } },
        required: ['now'],
      }),
    },
  },
  '/livez': { get: status('Whether the process answers') },
  '/readyz': { get: status('Whether it takes new streams; 503 as soon as it shuts down') },
  '/metrics': {
    get: {
      summary: 'Counters for Prometheus',
      responses: {
        200: { description: 'As text.', content: { 'text/plain': { schema: { type: 'string' } } } },
      },
    },
  },
}

export function describeApi(): OpenApiDocument {
  const document = toOpenApi(STREAMS, INFO, { jsonSchemaOf })
  const { '/events': events, ...plain } = document.paths
  return { ...document, paths: { ...plain, '/events': ofRuns(events), ...RESOURCES } }
}

/** On `/events` the training's topic is that of one run: `training/<id>`. */
function ofRuns(path: unknown): Record<string, unknown> {
  const topicOfRun = `^${training.topic}/[^/]+`
  return JSON.parse(JSON.stringify(path), (key, value: unknown) => {
    if (key === 'event') {
      const [topic, name] = String((value as { const?: string }).const).split('/')
      if (topic === training.topic) return { type: 'string', pattern: `${topicOfRun}/${name}$` }
    }
    if (key === 'items' && Array.isArray((value as { enum?: unknown }).enum)) {
      const { enum: topics } = value as { enum: string[] }
      const standing = topics.filter((topic) => topic !== training.topic)
      return { anyOf: [{ enum: standing }, { type: 'string', pattern: `${topicOfRun}$` }] }
    }
    return value
  }) as Record<string, unknown>
}

function ok(schema: object): object {
  return { 200: { description: 'As asked for.', content: json(schema) }, default: PROBLEM }
}

function status(summary: string): object {
  const schema = {
    type: 'object',
    properties: { status: { type: 'string' } },
    required: ['status'],
  }
  return { summary, responses: ok(schema) }
}

function json(schema: object): object {
  return { 'application/json': { schema } }
}
