/** From the log to the readers: frames are made once, and a lane's members are written the same bytes. */
import type { LogEntry } from '../log/event-log.ts'
import type { FrameCache } from './frame-cache.ts'
import { batchOf, type Batch, type Frame } from './frames.ts'
import { carries, isLast, type Lane, type Lanes } from './groups.ts'
import { deliver, waitingBytesOf, type Subscriber } from './subscriber.ts'
import type { HubCounters } from '../counters.ts'

export interface FanOut {
  /** Queues entries for the next flush, and says whether some lane has enough for a write by now. */
  take(epoch: string, entries: readonly LogEntry[]): boolean
  /** Bytes of the events taken since the last flush; an event counts once, however many lanes it is pending in. */
  readonly pendingBytes: number
  /** Writes what is pending: one write for each member of each lane that has something. */
  flush(): void
  /** Forgets what is pending. */
  clear(): void
}

/** The most frames that wait behind one replay before the log is read again instead. */
const MAX_WAITING = 1024
/**
 * A write of more than this costs more by its bytes than by being a write, so nothing is gained by waiting for
 * others. Without it the window fed on itself: 1,000 readers that never read, 4 KB events, and a flush of many
 * took so long that the next had as many; the 99th percentile of the others was 0.3 s, and is now 22 ms: docs/performance.md.
 */
const FULL_WRITE_BYTES = 4_096

export function createFanOut(lanes: Lanes, frames: FrameCache, counters: HubCounters): FanOut {
  const dirty = new Set<Lane>()
  let pendingBytes = 0
  let isFlushing = false
  return {
    get pendingBytes() {
      return pendingBytes
    },
    take(epoch, entries) {
      let isFull = false
      for (const entry of entries) {
        let largest = 0
        for (const lane of lanes.of(entry.topic)) {
          if (!carries(lane, entry)) continue
          const frame = frames.frame(lane.format, epoch, entry)
          lane.pending.push(frame)
          lane.pendingBytes += frame.bytes
          largest = Math.max(largest, frame.bytes)
          isFull ||= lane.pendingBytes >= FULL_WRITE_BYTES
          dirty.add(lane)
          for (const subscriber of lane.joining) holdBack(subscriber, frame)
        }
        pendingBytes += largest
      }
      return isFull
    },
    flush() {
      // A sink may publish as it is written to or cut. A nested flush would write the newer events first to members
      // that still wait for the older ones; the loop below writes them afterwards.
      if (isFlushing) return
      isFlushing = true
      pendingBytes = 0
      try {
        for (const lane of dirty) {
          dirty.delete(lane)
          flushLane(lane, counters)
        }
      } finally {
        isFlushing = false
      }
    },
    clear() {
      for (const lane of dirty) takePending(lane)
      dirty.clear()
      pendingBytes = 0
    },
  }
}

/** Keeps a frame behind a subscriber's replay; over a bound, the subscriber reads the log once more instead. */
function holdBack(subscriber: Subscriber, frame: Frame): void {
  const { waiting, home } = subscriber
  if (!waiting) return
  const waitingBytes = waitingBytesOf(subscriber) + frame.bytes
  if (
    waiting.length === MAX_WAITING ||
    (waiting.length > 0 && waitingBytes > home.maxQueuedBytes)
  ) {
    subscriber.waiting = [frame]
    subscriber.waitingBytes = frame.bytes
    subscriber.missed = true
    return
  }
  waiting.push(frame)
  subscriber.waitingBytes = waitingBytes
}

/**
 * One buffer for all members: with ten events a tick and 1,000 members half the CPU time of `res.write` of
 * strings, 1.2 times that of a bare loop over sockets. Whoever is behind, new or about to end is served by
 * `deliver`, one by one.
 */
function flushLane(lane: Lane, counters: HubCounters): void {
  const frames = takePending(lane)
  const firstSeq = frames[0]?.entry.seq
  const lastSeq = frames.at(-1)?.entry.seq
  if (firstSeq === undefined || lastSeq === undefined) return
  const ends = frames.some(({ entry }) => isLast(lane, entry))

  let batch: Batch | undefined
  let writes = 0
  // Backwards, because a member that leaves meanwhile has its place taken by the last.
  for (let place = lane.members.length - 1; place >= 0; place--) {
    const member = lane.members[place]
    if (!member) continue
    if (member.blocked || ends || member.cursor >= firstSeq) {
      deliver(member, frames)
      continue
    }
    batch ??= batchOf(frames)
    writes += 1
    member.cursor = lastSeq
    member.events += frames.length
    member.bytes += batch.bytes.length
    if (!member.sink.write(batch)) member.blocked = true
  }
  counters.writes += writes
  counters.deliveries += writes * frames.length
}

function takePending(lane: Lane): Frame[] {
  const frames = lane.pending
  lane.pending = []
  lane.pendingBytes = 0
  return frames
}
