/** Errors as `application/problem+json` (RFC 9457): the body of every response with a status of 400 or above. */
import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Context, Middleware } from 'koa'
import * as v from 'valibot'

const PROBLEM_HEADERS = {
  'Content-Type': 'application/problem+json',
  'Cache-Control': 'no-store',
}

export const problemSchema = v.object({
  title: v.string(),
  status: v.pipe(v.number(), v.integer()),
  detail: v.optional(v.string()),
})

/** A route throws this to refuse a request. The client gets its message. */
export class Problem extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Tells Koa to show the message and not to log the error. */
  readonly expose = true

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.name = 'Problem'
    this.status = status
    this.headers = headers
  }
}

/** Turns thrown errors and unanswered requests into problem documents. An unexpected error shows no detail. */
export function problems(): Middleware {
  return async (ctx, next) => {
    try {
      await next()
      if (ctx.res.headersSent || ctx.body != null || ctx.status < 400) return
      describe(ctx, ctx.status, defaultDetail(ctx))
    } catch (error) {
      // The status has been sent already: Koa logs the error, and the route ends its stream in `finally`.
      if (ctx.res.headersSent) throw error
      const { status, detail, headers } = read(error)
      // A message that the client does not see would otherwise be lost.
      if (detail === undefined) ctx.app.emit('error', error, ctx)
      ctx.set(headers)
      describe(ctx, status, detail)
    }
  }
}

/** Responds without Koa and closes the connection, because its next request cannot be trusted either. */
export function sendProblem(res: ServerResponse, status: number, detail: string): void {
  res.writeHead(status, {
    ...PROBLEM_HEADERS,
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  })
  res.end(problemDocument(status, detail))
}

function describe(ctx: Context, status: number, detail: string | undefined): void {
  ctx.status = status
  ctx.body = problemDocument(status, detail)
  ctx.set(PROBLEM_HEADERS)
}

function problemDocument(status: number, detail: string | undefined): string {
  const problem: v.InferOutput<typeof problemSchema> = {
    title: STATUS_CODES[status] ?? 'Error',
    status,
    ...(detail !== undefined && { detail }),
  }
  return JSON.stringify(problem)
}

function defaultDetail(ctx: Context): string | undefined {
  if (ctx.status === 404) return 'This path does not exist. GET /openapi.json lists all paths.'
  if (ctx.status === 405) return `This method is not allowed. Use ${ctx.response.get('Allow')}.`
  return undefined
}

interface Shown {
  readonly status: number
  readonly detail: string | undefined
  readonly headers: Record<string, string>
}

/** Libraries throw errors like those of http-errors: with a status, and `expose` if the message may be shown. */
function read(error: unknown): Shown {
  const unexpected = { status: 500, detail: undefined, headers: {} }
  if (!(error instanceof Error)) return unexpected
  const { status, expose, headers } = error as Error & {
    status?: unknown
    expose?: unknown
    headers?: Record<string, string>
  }
  if (typeof status !== 'number' || STATUS_CODES[status] === undefined || status < 400)
    return unexpected
  return { status, detail: expose === true ? error.message : undefined, headers: headers ?? {} }
}
