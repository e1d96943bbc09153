/** Decodes a stream in chunks and returns everything that the decoder reports. */
import { createDecoder, type DecodedEvent } from '../src/sse/index.ts'

export interface ReadOptions {
  readonly maxEventBytes?: number | undefined
  /** Called after each chunk with all events so far. */
  readonly onChunk?: (events: readonly DecodedEvent[]) => void
}

/** Decodes until the end or until the decoder throws. `failure` is then the code of the error. */
export function readAll(
  chunks: readonly (Uint8Array | string)[],
  { maxEventBytes, onChunk }: ReadOptions = {},
) {
  const events: DecodedEvent[] = []
  const retry: number[] = []
  const comments: string[] = []
  /** Events, retry times and comments in their order. */
  const told: unknown[] = []
  const decoder = createDecoder({
    onEvent: (event) => told.push(event) && events.push(event),
    onRetry: (retryMs) => told.push(retryMs) && retry.push(retryMs),
    onComment: (text) => told.push(text) && comments.push(text),
    maxEventBytes,
  })
  let failure: unknown
  try {
    for (const chunk of chunks) {
      decoder.push(chunk)
      onChunk?.(events)
    }
  } catch (error) {
    failure = (error as { code?: unknown }).code ?? error
  }
  return { events, retry, comments, told, failure, lastEventId: decoder.lastEventId }
}

/** Cuts a text or bytes into pieces of the given sizes, repeating the sizes until the end. */
export function cut<T extends { readonly length: number; slice(from: number, to: number): T }>(
  whole: T,
  sizes: readonly number[],
): T[] {
  const pieces: T[] = []
  for (let at = 0, turn = 0; at < whole.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 0
    // If all sizes are 0, take the rest instead of looping forever.
    const to = at + (turn > 1000 ? whole.length : size)
    pieces.push(whole.slice(at, to))
    at = to
  }
  return pieces
}
