/** What a response says in its status and headers, and access to its body. */

/** The most characters of an error response that are kept for the error, and how long reading them may take. */
const MAX_EXCERPT_CHARACTERS = 1_024
export const MAX_EXCERPT_MS = 1_000

/** One value of a list that is separated by commas. A quoted parameter may contain a comma. */
const LIST_VALUE = /(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g
/** A type and a subtype, both tokens, surrounded by optional white space. */
const ESSENCE = /^[\t\n\r ]*([!#$%&'*+.^`|~\w-]+\/[!#$%&'*+.^`|~\w-]+)[\t\n\r ]*(?:;|$)/

export type BodyReader = ReadableStreamDefaultReader<Uint8Array>

/**
 * Whether the essence of a Content-Type is text/event-stream, in any case and with any parameters. Of several values, the
 * last valid type other than the wildcard counts. https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
 */
export function isEventStream(contentType: string | null | undefined): boolean {
  let essence = ''
  for (const value of contentType?.match(LIST_VALUE) ?? []) {
    const type = ESSENCE.exec(value)?.[1]
    if (type !== undefined && type !== '*/*') essence = type.toLowerCase()
  }
  return essence === 'text/event-stream'
}

/** Whether the same request may succeed later. */
export function isTemporary(status: number): boolean {
  return status >= 500 || [408, 425, 429].includes(status)
}

/** Retry-After in milliseconds, from seconds or an HTTP date. Not positive if the date has passed, 0 if the header is missing or invalid. */
export function retryAfterMs(headers: Headers, nowMs: number): number {
  const header = headers.get('retry-after') ?? ''
  // One of the three date formats names no time zone: all are GMT. Text without a time is no HTTP date, though Date may parse it.
  const date = /\d:\d\d:\d/.test(header) ? header.replace(/( GMT)?$/, ' GMT') : ''
  return /^ *\d+ *$/.test(header) ? Number(header) * 1_000 : Date.parse(date) - nowMs || 0
}

/** Why the body cannot be read as it arrives, and what to do about it. Undefined if it can be read. */
export function bodyProblem(response: Response): string | undefined {
  const body = response.body as Partial<ReadableStream> | null
  if (typeof body?.getReader !== 'function') {
    return "The response has no readable body. In React Native, pass the fetch of 'expo/fetch' as the option fetch."
  }
  if (body.locked || response.bodyUsed) {
    return 'The body of the response was already read. A custom fetch must return a response that nothing else reads.'
  }
  return undefined
}

/** The beginning of a body as text, until the body ends, fails or is canceled. */
export async function readExcerpt(reader: BodyReader | undefined): Promise<string> {
  const utf8 = new TextDecoder()
  let text = ''
  let chunk: Uint8Array | undefined
  do {
    chunk = (await reader?.read().catch(ignore))?.value
    text += utf8.decode(chunk, { stream: true })
  } while (chunk && text.length < MAX_EXCERPT_CHARACTERS)
  return text.slice(0, MAX_EXCERPT_CHARACTERS)
}

/** Cancels the rest of a body, also if a custom fetch ignores its signal. */
export function cancelBody(reader: BodyReader | undefined): void {
  reader?.cancel().catch(ignore)
}

/** Whether `fetch` was aborted: by its signal, or by the browser, for example with `window.stop()`. */
export function isAbort(error: unknown): boolean {
  return (Object(error) as Partial<Error>).name === 'AbortError'
}

/** Handles a rejection that needs no handling, such as that of canceling a body that has already failed. */
export function ignore(): void {
  // Nothing to do.
}
