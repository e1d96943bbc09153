/** What is no stream, as OpenAPI path items: training runs, and what others ask of the server. */
import { settings } from '../config.ts'

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

export const RESOURCES = {
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
          description: `Too many run: MAX_TRAINING_RUNS, by default ${settings.MAX_TRAINING_RUNS.default}, or MAX_TRAINING_RUNS_PER_ADDRESS, by default ${settings.MAX_TRAINING_RUNS_PER_ADDRESS.default}.`,
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
