/**
 * The decoder in the shapes of streams. Both hand on batches, all events that a chunk completed at
 * once: a promise for each single event would cost many times its decoding.
 */
import { createDecoder } from './decode.ts'
import type { DecoderOptions } from './decoder.ts'
import type { DecodedEvent } from './event.ts'

// Where a platform has these types, ours are theirs: an interface declared twice is one, given the same
// parameters. Without a platform's types they say nothing.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type */
declare global {
  interface ReadableStream<R = any> {}
  interface WritableStream<W = any> {}
}
/* eslint-enable */

/** As `DecoderOptions`; events come out of the stream. */
export type DecoderStreamOptions = Omit<DecoderOptions, 'onEvent'>

/** What `pipeThrough` takes. */
export interface DecoderStream {
  readonly readable: ReadableStream<DecodedEvent[]>
  readonly writable: WritableStream<Uint8Array>
  /** The last event ID string, also of events not yet read. */
  readonly lastEventId: string
}

/** The part of a `ReadableStream<Uint8Array>` that is used: a `Response` body fits. */
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
 * A transformer of bytes into batches of events, never empty ones: `body.pipeThrough(createDecoderStream())`.
 * Beyond `maxEventBytes` the stream errors with an `SseError`, after the events before it.
 */
export function createDecoderStream(options: DecoderStreamOptions = {}): DecoderStream {
  const batches = createBatches(options)
  const { readable, writable } = new TransformStream({
    transform(chunk, controller) {
      // To fail in the chunk itself would drop what is queued, so the events before an error go first.
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
 * The events of a stream, a batch for each chunk that completes any:
 * `for await (const events of readEvents(response.body))`. Leaving the loop cancels the stream.
 *
 * @throws {SseError} `event-too-large` beyond `maxEventBytes`, after the events before it.
 */
export async function* readEvents(
  stream: ByteStream,
  options: DecoderStreamOptions = {},
): AsyncGenerator<DecodedEvent[], void, undefined> {
  const batches = createBatches(options)
  const reader = stream.getReader()
  let chunk: Uint8Array | undefined
  try {
    // At the end there is none.
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

/** A decoder whose events are taken by the chunk, and its failure when they have been. */
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
