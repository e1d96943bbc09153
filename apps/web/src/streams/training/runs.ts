// Training runs over HTTP: start one, look at one, cancel one.

export type RunState = 'running' | 'complete' | 'cancelled'

export interface Run {
  readonly id: string
  readonly state: RunState
  /** When it began, in ms of the server's clock; null if the server did not say. */
  readonly startedAt: number | null
}

export interface Runs {
  start(): Promise<Run>
  /** Null where the API no longer knows the run. */
  find(id: string): Promise<Run | null>
  cancel(id: string): Promise<void>
}

/** Rejects where the code of the requests cannot be loaded. */
export type LoadRuns = () => Promise<Runs>

/** A request that did not work, in words for the reader. */
export class RunsError extends Error {
  override readonly name = 'RunsError'
}

const PATH = '/training-runs'

export function createRuns(base = '', send: typeof fetch = fetch): Runs {
  const ask = async (path: string, method: string): Promise<Response> => {
    try {
      return await send(`${base}${path}`, { method, headers: { Accept: 'application/json' } })
    } catch {
      throw new RunsError('The API cannot be reached. Start it, then try again.')
    }
  }
  const at = (id: string) => `${PATH}/${encodeURIComponent(id)}`

  return {
    async start() {
      const response = await ask(PATH, 'POST')
      if (!response.ok) throw refused(response)
      return readRun(await bodyOf(response))
    },
    async find(id) {
      const response = await ask(at(id), 'GET')
      if (response.status === 404) return null
      if (!response.ok) throw refused(response)
      return readRun(await bodyOf(response))
    },
    async cancel(id) {
      const response = await ask(at(id), 'DELETE')
      // A run that is gone needs no cancelling.
      if (!response.ok && response.status !== 404) throw refused(response)
    },
  }
}

function refused(response: Response): RunsError {
  const why = response.status === 404 ? 'The API may be older than this page.' : 'Try again later.'
  return new RunsError(`The API refused the run (${response.status}). ${why}`)
}

/** What is no JSON has no run id either. */
async function bodyOf(response: Response): Promise<unknown> {
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
  const states: readonly RunState[] = ['running', 'complete', 'cancelled']
  return {
    id,
    state: states.find((known) => known === state) ?? 'running',
    startedAt: typeof startedAt === 'string' ? Date.parse(startedAt) || null : null,
  }
}
