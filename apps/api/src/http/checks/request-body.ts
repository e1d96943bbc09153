/** Reads request bodies, which are limited in size and must be empty. */
import type { Context } from 'koa'
import getRawBody from 'raw-body'
import { Problem } from '../problem.ts'

/**
 * Accepts a request without a body or with an empty JSON object. A body larger than `maxBytes` is not read to its end,
 * so the response closes the connection.
 */
export async function requireEmptyBody(ctx: Context, maxBytes: number): Promise<void> {
  const { headers } = ctx.req
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0)
    return
  if (ctx.is('application/json') === false)
    throw new Problem(415, 'Unsupported body type. Send application/json or no body.')
  if (headers['content-encoding'] !== undefined)
    throw new Problem(
      415,
      'Compressed bodies are not supported. Send the body without Content-Encoding.',
    )
  const text = await readText(ctx, maxBytes)
  if (text !== '' && !isEmptyObject(text))
    throw new Problem(400, 'Unexpected fields in the body. Send no body, or an empty JSON object.')
}

async function readText(ctx: Context, maxBytes: number): Promise<string> {
  try {
    const bytes = await getRawBody(ctx.req, {
      limit: maxBytes,
      length: ctx.req.headers['content-length'] ?? null,
    })
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    // The rest of the body still arrives, so this connection cannot be used for another request.
    ctx.set('Connection', 'close')
    if (error instanceof TypeError) throw new Problem(400, 'The body is not valid UTF-8.')
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
