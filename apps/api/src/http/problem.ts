/** Errors as `application/problem+json` (RFC 9457): every answer of 400 and above says what went wrong. */
import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Context, Middleware } from 'koa'

const PROBLEM_HEADERS = {
  'Content-Type': 'application/problem+json',
  'Cache-Control': 'no-store',
}

/** What a route throws to refuse a request; the message is shown to the client. */
export class Problem extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Koa's word for "may be shown and need not be logged". */
  readonly expose = true

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.name = 'Problem'
    this.status = status
    this.headers = headers
  }
}

/** Turns what is thrown or left unanswered further in into a problem document. Unexpected errors show no detail. */
export function problems(): Middleware {
  return async (ctx, next) => {
    try {
      await next()
      if (ctx.res.headersSent || ctx.body != null || ctx.status < 400) return
      describe(ctx, ctx.status, defaultDetail(ctx))
    } catch (error) {
      // After the headers nothing more can be said: Koa logs the error, and the stream's own `finally` ends it.
      if (ctx.res.headersSent) throw error
      const { status, detail, headers } = read(error)
      // A message that the client does not see would otherwise be lost.
      if (detail === undefined) ctx.app.emit('error', error, ctx)
      ctx.set(headers)
      describe(ctx, status, detail)
    }
  }
}

/** Answers outside Koa, and closes the connection: its next request cannot be trusted either. */
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
  return JSON.stringify({ title: STATUS_CODES[status] ?? 'Error', status, detail })
}

function defaultDetail(ctx: Context): string | undefined {
  if (ctx.status === 404) return 'Nothing is at this path. GET /openapi.json lists what is.'
  if (ctx.status === 405) return `Use ${ctx.response.get('Allow')} here.`
  return undefined
}

interface Shown {
  readonly status: number
  readonly detail: string | undefined
  readonly headers: Record<string, string>
}

/** Libraries throw errors in the manner of http-errors: a status, and `expose` when the message may be shown. */
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
