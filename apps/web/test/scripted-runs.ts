// `/training-runs` of an API that a test controls, as a `fetch`.
import type { Run } from '../src/streams/training/runs.ts'

export class ScriptedRuns {
  /** Whether the API can be reached. */
  reachable = true
  /** The runs that the API knows, by id. */
  readonly known = new Map<string, Run>()
  /** Ids of the runs that were cancelled. */
  readonly cancelled: string[] = []

  /** Every other path cannot be reached. */
  readonly fetch: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href)
    const [, root, id] = url.pathname.split('/')
    if (!this.reachable || root !== 'training-runs') {
      return Promise.reject(new TypeError('no network in this test'))
    }
    return Promise.resolve(this.#respond(init?.method, id))
  }

  #respond(method: string | undefined, id: string | undefined): Response {
    if (method === 'POST') {
      const id = `run-${this.known.size + 1}`
      const run: Run = { id, state: 'running', startedAt: Date.now() }
      this.known.set(id, run)
      return respond(run, 201)
    }
    const run = this.known.get(id ?? '')
    if (!run) return new Response(null, { status: 404 })
    if (method === 'DELETE') this.cancelled.push(run.id)
    return respond(run, 200)
  }
}

function respond({ id, state, startedAt }: Run, status: number): Response {
  const startedAtText = startedAt === null ? null : new Date(startedAt).toISOString()
  return Response.json({ id, state, startedAt: startedAtText }, { status })
}
