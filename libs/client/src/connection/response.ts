/** The body of a response, read by hand. */

/** How much of a refused body is kept for the error, and how long it may take. */
const EXCERPT_CHARACTERS = 1_024
export const EXCERPT_MS = 1_000

export type Reader = ReadableStreamDefaultReader<Uint8Array>

/** Why the body cannot be read as it arrives, and what to do; undefined where it can. */
export function unreadable(response: Response): string | undefined {
  const body = response.body as Partial<ReadableStream> | null
  if (typeof body?.getReader !== 'function') {
    return "The response has no readable body. In React Native, pass the fetch of 'expo/fetch' as the option fetch."
  }
  if (body.locked || response.bodyUsed) {
    return 'The body of the response was already read. A custom fetch must return a response that nothing else reads.'
  }
  return undefined
}

/** Whether a fetch was aborted: by its signal, or by the browser, as when a page is stopped. */
export function isAbort(error: unknown): boolean {
  return (Object(error) as Partial<Error>).name === 'AbortError'
}

/** The beginning of a refused body, as text, until it ends, breaks or is let go. */
export async function readExcerpt(reader: Reader | undefined): Promise<string> {
  const utf8 = new TextDecoder()
  let text = ''
  let chunk: Uint8Array | undefined
  do {
    chunk = (await reader?.read().catch(ignore))?.value
    text += utf8.decode(chunk, { stream: true })
  } while (chunk && text.length < EXCERPT_CHARACTERS)
  return text.slice(0, EXCERPT_CHARACTERS)
}

/** For promises whose failure is no news: cancelling what has broken already. */
export function ignore(): void {
  // Nothing to do.
}
