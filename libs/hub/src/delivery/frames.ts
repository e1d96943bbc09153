/** Events as bytes on the wire, encoded once and shared by all subscribers of a format. */
import { formatEventId, formatEventName } from '@downlink/protocol'
import { encodeEvent } from '@downlink/protocol/sse'
import type { LogEntry } from '../log/event-log.ts'
import { encodeUtf8 } from '../utf8.ts'

/** `plain`: one topic, only standard fields and comments. `multiplexed`: several topics, with control events. */
export type StreamFormat = 'plain' | 'multiplexed'

/** One event, encoded for one format. */
export interface Frame {
  readonly entry: LogEntry
  readonly bytes: Uint8Array
}

export function createFrame(format: StreamFormat, epoch: string, entry: LogEntry): Frame {
  const text = encodeEvent({
    event: format === 'plain' ? entry.event : formatEventName(entry.topic, entry.event),
    id: formatEventId({ epoch, seq: entry.seq }),
    data: entry.data,
  })
  return { entry, bytes: encodeUtf8(text) }
}

/** All frames in one array; a single frame is not copied. */
export function joinFrames(frames: readonly Frame[]): Uint8Array {
  const [only] = frames
  if (only && frames.length === 1) return only.bytes
  return joinBytes(frames.map(({ bytes }) => bytes))
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}
