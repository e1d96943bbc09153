/** Where a subscriber's bytes go. `createNodeSink` writes to an HTTP response; a test brings its own. */
import type { Batch } from './frames.ts'

export interface SinkListener {
  /** The sink takes bytes again after it had refused. */
  onDrain(): void
  /** The other side has gone, or the sink has failed. Called once; nothing is written after it. */
  onClose(): void
}

export interface Sink {
  /** Bytes that were written and that the operating system has not taken yet; for metrics. */
  readonly bufferedBytes: number
  /** Opens the stream; called once, before anything is written. */
  open(listener: SinkListener): void
  /** Takes the bytes in any case; false asks to wait for `onDrain` before the next. */
  write(batch: Batch): boolean
  /** Sends what it holds, then ends the stream; `letGo` gives up the connection below it too. */
  end(letGo: boolean): void
  /** Cuts the stream at once. */
  destroy(): void
}
