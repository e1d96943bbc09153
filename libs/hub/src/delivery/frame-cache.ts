/** The newest frames, so that events are not encoded again for each of many clients that resume at once. */
import type { LogEntry } from '../log/event-log.ts'
import { createFrame, type StreamFormat, type Frame } from './frames.ts'

export interface FrameCache {
  /** The frame of an entry, encoded unless it is cached. */
  readonly frame: (format: StreamFormat, epoch: string, entry: LogEntry) => Frame
  /** Removes all frames: the log reports a new position, so its sequence numbers may be used again. */
  readonly clear: () => void
}

/** The most frames cached for each format; with `maxEventBytes` this bounds their memory. */
const MAX_FRAMES = 1024

export function createFrameCache(): FrameCache {
  const cached = { plain: new Map<number, Frame>(), multiplexed: new Map<number, Frame>() }
  let cachedEpoch = ''

  return {
    frame(format, epoch, entry) {
      if (epoch !== cachedEpoch) clear()
      cachedEpoch = epoch
      const frames = cached[format]
      const known = frames.get(entry.seq)
      // A log that breaks its contract and reuses a seq must not send one topic's event to another's subscribers.
      if (known?.entry.topic === entry.topic) return known
      const frame = createFrame(format, epoch, entry)
      frames.set(entry.seq, frame)
      if (frames.size > MAX_FRAMES) {
        const [first] = frames.keys()
        if (first !== undefined) frames.delete(first)
      }
      return frame
    },
    clear,
  }

  function clear(): void {
    cached.plain.clear()
    cached.multiplexed.clear()
  }
}
