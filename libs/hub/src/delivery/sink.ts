/** Where a subscriber's bytes go. `createNodeSink` of `@downlink/hub/node` writes to an HTTP response. */

export interface SinkListener {
  /** The sink accepts bytes again after `write` returned false. */
  onDrain(): void
  /** The client has disconnected, or the sink has failed. Called once; nothing is written after it. */
  onClose(): void
}

export interface EndOptions {
  /** Also close the connection that carries the stream, so that the client opens another one. Default false. */
  readonly closeConnection?: boolean
}

export interface Sink {
  /** Bytes that were written and that the operating system has not accepted yet; for metrics. */
  readonly bufferedBytes: number
  /** Opens the stream; called once, before anything is written. */
  open(listener: SinkListener): void
  /**
   * Accepts the bytes in any case; false asks the hub to wait for `onDrain` before the next write. Other sinks get the
   * same array: do not modify or transfer it.
   */
  write(bytes: Uint8Array): boolean
  /** Sends what is buffered, then ends the stream. */
  end(options?: EndOptions): void
  /** Closes the stream at once and discards what is buffered. */
  destroy(): void
}
