// Training runs over HTTP: start, find and cancel one.

export type RunState = 'running' | 'complete' | 'cancelled'

export interface Run {
  readonly id: string
  readonly state: RunState
  /** When it began, in ms since 1970 of the server's clock; null if the server did not say. */
  readonly startedAt: number | null
}

/** Each method rejects with a `RunsError` if its request fails. */
export interface Runs {
  start(): Promise<Run>
  /** Null if the API does not know the run. */
  find(id: string): Promise<Run | null>
  cancel(id: string): Promise<void>
}

/** A failed request, with a message for the reader. */
export class RunsError extends Error {
  override readonly name = 'RunsError'
}

const PATH = '/training-runs'
const STATES: readonly RunState[] = ['running', 'complete', 'cancelled']

export function createRuns(send: typeof fetch): Runs {
  const request = async (path: string, method: string): Promise<Response> => {
    try {
      return await send(path, { method, headers: { Accept: 'application/json' } })
    } catch {
      throw new RunsError('The API cannot be reached. Start it, then try again.')
    }
  }
  const pathOf = (id: string) => `${PATH}/${encodeURIComponent(id)}`

  return {
    async start() {
      const response = await request(PATH, 'POST')
      if (!response.ok) throw refusal(response)
      return readRun(await readBody(response))
    },
    async find(id) {
      const response = await request(pathOf(id), 'GET')
      if (response.status === 404) return null
      if (!response.ok) throw refusal(response)
      return readRun(await readBody(response))
    },
    async cancel(id) {
      const response = await request(pathOf(id), 'DELETE')
      // A run that the API no longer knows needs no cancelling.
      if (!response.ok && response.status !== 404) throw refusal(response)
    },
  }
}

function refusal({ status }: Response): RunsError {
  const hint = status === 404 ? 'The API may be older than this page.' : 'Try again later.'
  return new RunsError(`The API refused the run (${status}). ${hint}`)
}

/** Null for a body that is not JSON. */
async function readBody(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return null
  }
}

function readRun(body: unknown): Run {
  const { id, state, startedAt } = (body ?? {}) as Record<string, unknown>
  if (typeof id !== 'string') {
    throw new RunsError('The API answered without a run id. It may be newer than this page.')
  }
  return {
    id,
    state: STATES.find((known) => known === state) ?? 'running',
    startedAt: typeof startedAt === 'string' ? Date.parse(startedAt) || null : null,
  }
}
