/** Events as bytes on the wire, made once and shared by all who get the same ones. */
import { formatEventId, formatEventName } from '@downlink/protocol'
import { encodeComment, encodeEvent } from '@downlink/protocol/sse'
import type { LogEntry } from '../log/event-log.ts'

/** Plain Server-Sent Events of the article's kind, or several topics with control events. */
export type StreamFormat = 'plain' | 'multiplexed'

/** One event, encoded for one format. */
export interface Frame {
  readonly entry: LogEntry
  readonly text: string
  readonly bytes: number
  /** The frame as a batch of its own, made with its first use. */
  batch: Batch | undefined
}

/** Bytes that leave in one write. */
export interface Batch {
  readonly bytes: Buffer
  /** The same bytes as one chunk of HTTP/1.1's chunked coding: RFC 9112, section 7.1. */
  readonly chunk: Buffer
}

/** As many bytes as the length of any chunk needs in hexadecimal, with its CRLF. */
const CHUNK_HEAD_BYTES = 10
const CHUNK_END = '\r\n'

export function createFrame(format: StreamFormat, epoch: string, entry: LogEntry): Frame {
  const text = encodeEvent({
    event: format === 'plain' ? entry.event : formatEventName(entry.topic, entry.event),
    id: formatEventId({ epoch, seq: entry.seq }),
    data: entry.data,
  })
  return { entry, text, bytes: Buffer.byteLength(text), batch: undefined }
}

/** Frames in one piece. */
export function batchOf(frames: readonly Frame[]): Batch {
  const [only] = frames
  if (only && frames.length === 1) return (only.batch ??= createBatch(only.text, only.bytes))
  let text = ''
  let bytes = 0
  for (const frame of frames) {
    text += frame.text
    bytes += frame.bytes
  }
  return createBatch(text, bytes)
}

/** Text that is no event of a topic: control events, comments, retry. */
export function textBatch(text: string): Batch {
  return createBatch(text, Buffer.byteLength(text))
}

export function commentBatch(text: string): Batch {
  return textBatch(encodeComment(text))
}

function createBatch(text: string, byteLength: number): Batch {
  const head = byteLength.toString(16) + CHUNK_END
  const room = Buffer.allocUnsafe(CHUNK_HEAD_BYTES + byteLength + CHUNK_END.length)
  const from = CHUNK_HEAD_BYTES - head.length
  room.write(head, from, 'latin1')
  room.write(text, CHUNK_HEAD_BYTES, 'utf8')
  room.write(CHUNK_END, CHUNK_HEAD_BYTES + byteLength, 'latin1')
  return {
    bytes: room.subarray(CHUNK_HEAD_BYTES, CHUNK_HEAD_BYTES + byteLength),
    chunk: room.subarray(from),
  }
}
