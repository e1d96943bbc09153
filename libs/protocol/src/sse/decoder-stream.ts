/**
 * The decoder in the shapes of streams. Both hand on batches, all events that a chunk completed at
 * once: a promise for each single event would cost many times its decoding.
 */
import { createDecoder, type DecoderOptions } from './decode.ts'
import type { DecodedEvent } from './event.ts'
import { createTransformStream } from './runtime.ts'

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

/**
 * A transformer of bytes into batches of events, never empty ones: `body.pipeThrough(createDecoderStream())`.
 * Beyond `maxEventBytes` the stream errors with an `SseError`, after the events before it.
 */
export function createDecoderStream(options: DecoderStreamOptions = {}): DecoderStream {
  let batch: DecodedEvent[] = []
  let failure: { readonly error: unknown } | undefined
  const decoder = createDecoder({ ...options, onEvent: (event) => batch.push(event) })
  const { readable, writable } = createTransformStream<Uint8Array, DecodedEvent[]>({
    transform(chunk, controller) {
      if (failure) throw failure.error
      try {
        decoder.push(chunk)
      } catch (error) {
        // To fail now would drop what is queued: the events before the error go first.
        if (batch.length === 0) throw error
        failure = { error }
      }
      if (batch.length === 0) return
      controller.enqueue(batch)
      batch = []
    },
    flush() {
      if (failure) throw failure.error
    },
  })
  return {
    readable,
    writable,
    get lastEventId() {
      return decoder.lastEventId
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
  let batch: DecodedEvent[] = []
  const decoder = createDecoder({ ...options, onEvent: (event) => batch.push(event) })
  const reader = stream.getReader()
  let ended = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || value === undefined) {
        ended = true
        return
      }
      let failure: { readonly error: unknown } | undefined
      try {
        decoder.push(value)
      } catch (error) {
        failure = { error }
      }
      if (batch.length > 0) {
        const whole = batch
        batch = []
        yield whole
      }
      if (failure) throw failure.error
    }
  } finally {
    if (!ended) await reader.cancel()
    reader.releaseLock()
  }
}
