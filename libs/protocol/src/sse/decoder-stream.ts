/**
 * The decoder as a transform stream and as an async generator. Both emit batches, with all events that one chunk
 * completed: a promise per event would cost many times its decoding.
 */
import { createDecoder } from './decode.ts'
import type { DecoderOptions } from './decoder.ts'
import type { DecodedEvent } from './event.ts'

// These declarations merge with the platform's own types if the program includes them. Without them, they are empty.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type */
declare global {
  interface ReadableStream<R = any> {}
  interface WritableStream<W = any> {}
}
/* eslint-enable */

/** `DecoderOptions` without `onEvent`: the stream returns the events. */
export type DecoderStreamOptions = Omit<DecoderOptions, 'onEvent'>

/** A pair of streams for `pipeThrough`. */
export interface DecoderStream {
  readonly readable: ReadableStream<DecodedEvent[]>
  readonly writable: WritableStream<Uint8Array>
  /** The last event ID string, including events that were not read yet. */
  readonly lastEventId: string
}

/** The part of `ReadableStream<Uint8Array>` that `readEvents` needs. The body of a `Response` has it. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
    cancel(reason?: unknown): Promise<void>
    releaseLock(): void
  }
}

declare const TransformStream: new (transformer: {
  transform(chunk: Uint8Array, controller: { enqueue(batch: DecodedEvent[]): void }): void
  flush(): void
}) => Pick<DecoderStream, 'readable' | 'writable'>

/**
 * Creates a transform stream from bytes to batches of events: `body.pipeThrough(createDecoderStream())`. No batch is
 * empty. An event over `maxEventBytes` errors the stream with an `SseError`, after the events before it.
 */
export function createDecoderStream(options: DecoderStreamOptions = {}): DecoderStream {
  const batches = createBatches(options)
  const { readable, writable } = new TransformStream({
    transform(chunk, controller) {
      // An error drops what is queued, so the stream fails with the chunk after the one that was invalid.
      batches.check()
      const batch = batches.take(chunk)
      if (batch.length > 0) controller.enqueue(batch)
      else batches.check()
    },
    flush: batches.check,
  })
  return {
    readable,
    writable,
    get lastEventId() {
      return batches.decoder.lastEventId
    },
  }
}

/**
 * Reads the events of a stream, one batch per chunk that completes any:
 * `for await (const events of readEvents(response.body))`. Leaving the loop cancels the stream.
 *
 * @throws {SseError} `event-too-large` for an event over `maxEventBytes`, after the events before it.
 */
export async function* readEvents(
  stream: ByteStream,
  options: DecoderStreamOptions = {},
): AsyncGenerator<DecodedEvent[], void, undefined> {
  const batches = createBatches(options)
  const reader = stream.getReader()
  let chunk: Uint8Array | undefined
  try {
    // `value` is undefined at the end of the stream.
    while ((chunk = (await reader.read()).value)) {
      const batch = batches.take(chunk)
      if (batch.length > 0) yield batch
      batches.check()
    }
  } finally {
    if (chunk) await reader.cancel()
    reader.releaseLock()
  }
}

/** A decoder that collects events per chunk. `check` throws its failure once the events before it were taken. */
function createBatches(options: DecoderStreamOptions) {
  let batch: DecodedEvent[] = []
  let failure: { readonly error: unknown } | undefined
  const decoder = createDecoder({ ...options, onEvent: (event) => batch.push(event) })
  return {
    decoder,
    take(chunk: Uint8Array): DecodedEvent[] {
      try {
        decoder.push(chunk)
      } catch (error) {
        failure = { error }
      }
      const whole = batch
      batch = []
      return whole
    },
    check: () => {
      if (failure) throw failure.error
    },
  }
}
