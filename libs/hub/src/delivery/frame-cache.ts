/** The newest frames, so that many clients that come back at once are replayed what was encoded once. */
import type { LogEntry } from '../log/event-log.ts'
import { createFrame, type StreamFormat, type Frame } from './frames.ts'

export interface FrameCache {
  /** The frame of an entry, encoded unless it is kept. */
  readonly frame: (format: StreamFormat, epoch: string, entry: LogEntry) => Frame
  /** Removes all frames: the log reports a new position, so its sequence numbers may be used again. */
  readonly clear: () => void
}

/** The most frames kept for each format; with `maxEventBytes` this bounds their memory. */
const MAX_FRAMES = 1024

export function createFrameCache(): FrameCache {
  const kept = { plain: new Map<number, Frame>(), multiplexed: new Map<number, Frame>() }
  let keptEpoch = ''

  return {
    frame(format, epoch, entry) {
      if (epoch !== keptEpoch) clear()
      keptEpoch = epoch
      const frames = kept[format]
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
    kept.plain.clear()
    kept.multiplexed.clear()
  }
}
