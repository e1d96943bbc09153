/** A sink that records its writes, and that a test can block. */
import { createDecoder, type DecodedEvent } from '@downlink/protocol/sse'
import type { Sink, SinkListener } from '../src/delivery/sink.ts'

export interface TestSink extends Sink {
  /** Everything written so far. */
  readonly text: string
  readonly writes: number
  readonly ended: 'end' | 'end-connection' | 'destroyed' | undefined
  /** From now on, `write` returns false. */
  block(): void
  /** `write` returns true again; calls `onDrain`. */
  unblock(): void
  /** The client disconnects. */
  close(): void
  /** The events that an EventSource would have dispatched. */
  events(): readonly DecodedEvent[]
  /** The Last-Event-ID that an EventSource would send. */
  lastEventId(): string
}

export function createTestSink(): TestSink {
  const decoded: DecodedEvent[] = []
  const decoder = createDecoder({ onEvent: (event) => void decoded.push(event) })
  let text = ''
  let writes = 0
  let blocked = false
  let ended: TestSink['ended']
  let listener: SinkListener | undefined
  return {
    bufferedBytes: 0,
    open(opened) {
      listener = opened
    },
    write(bytes) {
      if (ended) throw new Error('write was called after the stream had ended.')
      writes += 1
      text += new TextDecoder().decode(bytes)
      decoder.push(bytes)
      return !blocked
    },
    end({ closeConnection = false } = {}) {
      ended = closeConnection ? 'end-connection' : 'end'
      queueMicrotask(() => listener?.onClose())
    },
    destroy() {
      ended = 'destroyed'
      queueMicrotask(() => listener?.onClose())
    },
    block() {
      blocked = true
    },
    unblock() {
      blocked = false
      listener?.onDrain()
    },
    close() {
      listener?.onClose()
    },
    events: () => decoded,
    lastEventId: () => decoder.lastEventId,
    get text() {
      return text
    },
    get writes() {
      return writes
    },
    get ended() {
      return ended
    },
  }
}
