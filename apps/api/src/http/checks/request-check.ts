/** Rejects requests that Koa or Node would misread, before Koa handles them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendProblem } from '../problem.ts'

/** Maximum number of headers of a request. `MAX_HEADER_BYTES` limits their total size. */
const MAX_HEADERS = 100

/** Answers an invalid request and returns true, or returns false for a request that Koa can handle. */
export function rejectInvalid(req: IncomingMessage, res: ServerResponse): boolean {
  if (!isValidTarget(req)) {
    sendProblem(res, 400, 'The request target is malformed. Send a path or an http: or https: URL.')
    return true
  }
  // Node keeps every header (`maxHeadersCount` is 0), because one that it drops could be Origin or X-Forwarded-For.
  if (req.rawHeaders.length > 2 * MAX_HEADERS) {
    sendProblem(res, 431, `Too many headers. Send at most ${MAX_HEADERS}.`)
    return true
  }
  return false
}

/** The forms of RFC 9112, section 3.2. Node answers CONNECT itself, so the authority form does not occur. */
function isValidTarget({ url = '', method }: IncomingMessage): boolean {
  if (url.startsWith('/')) return true
  if (url === '*') return method === 'OPTIONS'
  return /^https?:\/\//i.test(url) && URL.canParse(url)
}
