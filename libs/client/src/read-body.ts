/** Reads one response to its end: bytes in, events and frames out, a chunk's worth at a time. */
import { createDecoder, type DecodedEvent } from '@downlink/protocol/sse'
import { LinkError } from './errors.ts'
import { messageOf } from './request.ts'
import type { RetryReason } from './status.ts'

export interface ReadOptions {
  readonly maxEventBytes?: number | undefined
  /** The last event ID string to begin with. */
  readonly lastEventId: string
  /** Stops the reading and lets the body go; nothing is called afterwards. */
  readonly signal: AbortSignal
  /** Bytes were received. */
  onHeard(): void
  onRetry(retryMs: number): void
  /** Each chunk before it is decoded. */
  onChunk?: ((chunk: Uint8Array) => void) | undefined
  /** What one chunk completed, which may be nothing, and the last event ID string after it. */
  onEvents(events: readonly DecodedEvent[], lastEventId: string): void
}

/** Resolves with how the body ended, or undefined once the signal is aborted. Never rejects. */
export async function readBody(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  options: ReadOptions,
): Promise<RetryReason | LinkError | undefined> {
  const { signal, onChunk, maxEventBytes, lastEventId } = options
  let events: DecodedEvent[] = []
  const decoder = createDecoder({
    onEvent: (event) => events.push(event),
    onRetry: (retryMs) => options.onRetry(retryMs),
    maxEventBytes,
    lastEventId,
  })
  const reader = body.getReader()
  const stopped = (): boolean => signal.aborted
  // A custom fetch may not know the signal: its body is let go all the same.
  const letGo = (): void => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', letGo)
  if (stopped()) letGo()
  try {
    while (!stopped()) {
      const { done, value } = await reader.read()
      if (stopped()) break
      if (done) return { code: 'cut', message: 'The response ended.' }
      options.onHeard()
      onChunk?.(value)
      let broken: LinkError | undefined
      try {
        decoder.push(value)
      } catch (cause) {
        broken = new LinkError('event-too-large', messageOf(cause), { cause })
      }
      const batch = events
      events = []
      if (!stopped()) options.onEvents(batch, decoder.lastEventId)
      if (broken) return broken
    }
  } catch (error) {
    if (!stopped()) return { code: 'network', message: messageOf(error) }
  }
  return undefined
}
