/** Bodies of requests: bounded, and in the only form that means something here. */
import type { Context } from 'koa'
import getRawBody from 'raw-body'
import { Problem } from './problem.ts'

/**
 * Lets a request pass that has no body or an empty JSON object. What is larger than `maxBytes` is not read to its
 * end: the answer closes the connection.
 */
export async function requireEmptyBody(ctx: Context, maxBytes: number): Promise<void> {
  const { headers } = ctx.req
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0)
    return
  if (ctx.is('application/json') === false)
    throw new Problem(415, 'A body must be application/json.')
  if (headers['content-encoding'] !== undefined)
    throw new Problem(415, 'A body must not be compressed.')
  const text = await readText(ctx, maxBytes)
  if (text !== '' && !isEmptyObject(text))
    throw new Problem(400, 'Send no body, or an empty JSON object: nothing can be set here.')
}

async function readText(ctx: Context, maxBytes: number): Promise<string> {
  try {
    const bytes = await getRawBody(ctx.req, {
      limit: maxBytes,
      length: ctx.req.headers['content-length'] ?? null,
    })
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    // What was not read is still on its way, so nothing else can be asked on this connection.
    ctx.set('Connection', 'close')
    if (error instanceof TypeError) throw new Problem(400, 'The body is not UTF-8.')
    throw error
  }
}

function isEmptyObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return (
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.keys(value).length === 0
    )
  } catch {
    return false
  }
}
