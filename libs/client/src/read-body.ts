/** Reads one response to its end: bytes in, events and frames out, a chunk's worth at a time. */
import { createDecoder, SseError, type DecodedEvent } from '@downlink/protocol/sse'
import type { Clock } from './clock.ts'
import { LinkError } from './errors.ts'
import type { RetryReason } from './status.ts'
import { createFrameCutter, type WireFrame } from './wire-frames.ts'

export interface ReadOptions {
  readonly clock: Clock
  readonly maxEventBytes?: number | undefined
  /** The last event ID string to begin with. */
  readonly lastEventId: string
  /** Stops the reading and lets the body go; nothing is called afterwards. */
  readonly signal: AbortSignal
  /** Bytes were received. */
  onHeard(): void
  onRetry(retryMs: number): void
  onFrames?: ((frames: readonly WireFrame[]) => void) | undefined
  /** What one chunk completed, which may be nothing, and the last event ID string after it. */
  onEvents(events: readonly DecodedEvent[], lastEventId: string): void
}

/** Resolves with how the body ended, or undefined once the signal is aborted. Never rejects. */
export async function readBody(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  options: ReadOptions,
): Promise<RetryReason | LinkError | undefined> {
  const { clock, signal, onFrames } = options
  let events: DecodedEvent[] = []
  const decoder = createDecoder({
    onEvent: (event) => events.push(event),
    onRetry: (retryMs) => options.onRetry(retryMs),
    maxEventBytes: options.maxEventBytes,
    lastEventId: options.lastEventId,
  })
  const cut = onFrames && createFrameCutter(() => clock.now(), onFrames)
  const reader = body.getReader()
  const stopped = (): boolean => signal.aborted
  // A custom fetch may not know the signal: its body is let go all the same.
  const letGo = (): void => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', letGo, { once: true })
  if (stopped()) letGo()
  try {
    while (!stopped()) {
      const { done, value } = await reader.read()
      if (stopped()) return undefined
      if (done) return { code: 'cut', message: 'The server ended the response.' }
      options.onHeard()
      cut?.(value)
      if (stopped()) return undefined
      const broken = push(value)
      const batch = events
      events = []
      options.onEvents(batch, decoder.lastEventId)
      if (broken !== undefined && !stopped()) {
        letGo()
        return broken
      }
    }
    return undefined
  } catch (error) {
    if (stopped()) return undefined
    return { code: 'network', message: error instanceof Error ? error.message : String(error) }
  } finally {
    signal.removeEventListener('abort', letGo)
  }

  function push(chunk: Uint8Array): LinkError | undefined {
    try {
      decoder.push(chunk)
      return undefined
    } catch (cause) {
      return tooLarge(cause)
    }
  }
}

function tooLarge(cause: unknown): LinkError {
  const limit = cause instanceof SseError ? cause.maxEventBytes : undefined
  return new LinkError(
    'event-too-large',
    `An event is over ${limit ?? '?'} bytes: raise maxEventBytes, or have the server send less in one event.`,
    { cause },
  )
}
