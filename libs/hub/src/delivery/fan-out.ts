/** From the log to the subscribers: each event is encoded once, and the members of a group are written the same bytes. */
import type { HubCounters } from '../counters.ts'
import type { LogEntry } from '../log/event-log.ts'
import type { FrameCache } from './frame-cache.ts'
import { joinFrames, type Frame } from './frames.ts'
import type { Groups } from './groups.ts'
import {
  carries,
  deliver,
  isFinal,
  liveBytesOf,
  type Subscriber,
  type SubscriberGroup,
} from './subscriber.ts'

export interface FanOut {
  /** Adds entries to the next flush; true if some group has enough for a full write. */
  add(epoch: string, entries: readonly LogEntry[]): boolean
  /** Bytes of the events added since the last flush; an event counts once, however many groups receive it. */
  readonly pendingBytes: number
  /** Writes what is pending: one write for each member of each group that has something. */
  flush(): void
  /** Discards what is pending. */
  clear(): void
}

/** The most live frames that wait for one catch-up; above it, the log is read once more instead. */
const MAX_LIVE_FRAMES = 1024
/**
 * From this size on, the bytes of a write cost more than the write itself, so waiting for more events saves nothing.
 * Without this limit, slow flushes made the window longer and the next flush slower: with 1,000 clients that never read
 * and 4 KB events, the 99th percentile of the other clients was 0.3 s; with it, 22 ms. See docs/performance.md.
 */
const FULL_WRITE_BYTES = 4_096

export function createFanOut(groups: Groups, frames: FrameCache, counters: HubCounters): FanOut {
  const dirty = new Set<SubscriberGroup>()
  let pendingBytes = 0
  let isFlushing = false
  return {
    get pendingBytes() {
      return pendingBytes
    },
    add(epoch, entries) {
      let isFull = false
      for (const entry of entries) {
        let largest = 0
        for (const group of groups.ofTopic(entry.topic)) {
          if (!carries(group, entry)) continue
          const frame = frames.frame(group.format, epoch, entry)
          group.pending.push(frame)
          group.pendingBytes += frame.bytes.length
          largest = Math.max(largest, frame.bytes.length)
          isFull ||= group.pendingBytes >= FULL_WRITE_BYTES
          dirty.add(group)
          for (const subscriber of group.catchingUp) holdLive(subscriber, frame)
        }
        pendingBytes += largest
      }
      return isFull
    },
    flush() {
      // A sink may publish while it is written to or destroyed. A nested flush would write the newer events first to
      // members that still wait for the older ones; the loop below writes them afterwards.
      if (isFlushing) return
      isFlushing = true
      pendingBytes = 0
      try {
        for (const group of dirty) {
          dirty.delete(group)
          flushGroup(group, counters)
        }
      } finally {
        isFlushing = false
      }
    },
    clear() {
      for (const group of dirty) takePending(group)
      dirty.clear()
      pendingBytes = 0
    },
  }
}

/** Keeps a live frame until the subscriber has caught up; above a limit, the subscriber reads the log once more. */
function holdLive(subscriber: Subscriber, frame: Frame): void {
  const { liveFrames, context } = subscriber
  if (!liveFrames) return
  const liveBytes = liveBytesOf(subscriber) + frame.bytes.length
  if (
    liveFrames.length === MAX_LIVE_FRAMES ||
    (liveFrames.length > 0 && liveBytes > context.maxQueuedBytes)
  ) {
    subscriber.liveFrames = [frame]
    subscriber.liveBytes = frame.bytes.length
    subscriber.liveOverflowed = true
    return
  }
  liveFrames.push(frame)
  subscriber.liveBytes = liveBytes
}

/**
 * One array of bytes for all members: with ten events per tick and 1,000 members this takes half the CPU time of
 * `res.write` with strings, and 1.2 times that of a bare loop over sockets. Members that are blocked, that just caught
 * up, or whose stream ends are served one by one, by `deliver`.
 */
function flushGroup(group: SubscriberGroup, counters: HubCounters): void {
  const frames = takePending(group)
  const firstSeq = frames[0]?.entry.seq
  const lastSeq = frames.at(-1)?.entry.seq
  if (firstSeq === undefined || lastSeq === undefined) return
  const ends = frames.some(({ entry }) => isFinal(group, entry))

  let bytes: Uint8Array | undefined
  let writes = 0
  // Backwards, because the last member takes the index of a member that leaves meanwhile.
  for (let index = group.members.length - 1; index >= 0; index--) {
    const member = group.members[index]
    if (!member) continue
    if (member.blocked || ends || member.cursor >= firstSeq) {
      deliver(member, frames)
      continue
    }
    bytes ??= joinFrames(frames)
    writes += 1
    member.cursor = lastSeq
    member.events += frames.length
    member.bytes += bytes.length
    if (!member.sink.write(bytes)) member.blocked = true
  }
  counters.writes += writes
  counters.deliveries += writes * frames.length
}

function takePending(group: SubscriberGroup): Frame[] {
  const frames = group.pending
  group.pending = []
  group.pendingBytes = 0
  return frames
}
