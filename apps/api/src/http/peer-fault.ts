/** Distinguishes clients that disconnect, are too slow or send invalid HTTP from faults of this server. */

const CODES = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_HTTP_REQUEST_TIMEOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
])
/** Codes of Node's HTTP parser, such as HPE_INVALID_METHOD. */
const PARSER_PREFIX = 'HPE_'

export function isPeerFault(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  const { code } = error
  return typeof code === 'string' && (CODES.has(code) || code.startsWith(PARSER_PREFIX))
}
