/** The queue of a subscriber that cannot keep up: limited in bytes, conflated where the contract says so. */
import type { Stream } from '@downlink/protocol'
import type { Frame } from './frames.ts'

export interface SubscriberQueue {
  readonly bytes: number
  /**
   * Adds a frame. Above the limit, only the newest frame of each event name stays of topics that conflate. False if
   * that is not enough: then the subscriber must be disconnected.
   */
  push(frame: Frame): boolean
  /** Empties the queue: its frames in order, and the number of dropped frames by topic. */
  take(): { readonly frames: readonly Frame[]; readonly dropped: ReadonlyMap<string, number> }
}

export function createSubscriberQueue(
  streams: ReadonlyMap<string, Stream>,
  maxBytes: number,
): SubscriberQueue {
  let frames: Frame[] = []
  let bytes = 0
  let dropped = new Map<string, number>()

  return {
    get bytes() {
      return bytes
    },
    push(frame) {
      frames.push(frame)
      bytes += frame.bytes.length
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
      // No event name contains a slash, so the key is unique.
      const key = `${topic}/${event}`
      if (
        stream?.overflow === 'conflate' &&
        !stream.finalEvents?.includes(event) &&
        seen.has(key)
      ) {
        bytes -= frame.bytes.length
        dropped.set(topic, (dropped.get(topic) ?? 0) + 1)
        continue
      }
      seen.add(key)
      kept.push(frame)
    }
    frames = kept.reverse()
  }
}
