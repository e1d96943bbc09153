/** What waits for one reader that cannot keep up: bounded in bytes, conflated where its contracts allow. */
import type { Stream } from '@downlink/protocol'
import type { Frame } from './frames.ts'

export interface ReaderQueue {
  readonly bytes: number
  /**
   * Adds a frame. Over the bound, all but the newest frame of each event name of `latest` topics are
   * dropped; false where that is not enough, which leaves `every` readers only the door.
   */
  push(frame: Frame): boolean
  /** Empties the queue: its frames in order, and how many were dropped of which topic since. */
  take(): { readonly frames: readonly Frame[]; readonly dropped: ReadonlyMap<string, number> }
}

export function createReaderQueue(
  streams: ReadonlyMap<string, Stream>,
  maxBytes: number,
): ReaderQueue {
  let frames: Frame[] = []
  let bytes = 0
  let dropped = new Map<string, number>()

  return {
    get bytes() {
      return bytes
    },
    push(frame) {
      frames.push(frame)
      bytes += frame.bytes
      if (bytes > maxBytes) conflate()
      return bytes <= maxBytes
    },
    take() {
      const taken = { frames, dropped }
      frames = []
      bytes = 0
      dropped = new Map()
      return taken
    },
  }

  function conflate(): void {
    const seen = new Set<string>()
    const kept: Frame[] = []
    for (let i = frames.length - 1; i >= 0; i--) {
      const frame = frames[i]
      if (!frame) continue
      const { topic, event } = frame.entry
      const stream = streams.get(topic)
      // No event name holds a slash, so no two pairs share a key.
      const key = `${topic}/${event}`
      if (
        stream?.overflow === 'conflate' &&
        !stream.finalEvents?.includes(event) &&
        seen.has(key)
      ) {
        bytes -= frame.bytes
        dropped.set(topic, (dropped.get(topic) ?? 0) + 1)
        continue
      }
      seen.add(key)
      kept.push(frame)
    }
    frames = kept.reverse()
  }
}
