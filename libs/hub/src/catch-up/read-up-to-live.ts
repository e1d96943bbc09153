/** The last step of a catch-up: sends what the log has, page by page, until only live events are left. */
import { joinFrames, type Frame } from '../delivery/frames.ts'
import { carries, noteFinalEvent, write, type Subscriber } from '../delivery/subscriber.ts'
import type { LogEntry } from '../log/event-log.ts'
import { AttemptOver, type Attempt } from './attempt.ts'
import { PAGE, type CatchUpPlan, type LogRead } from './outcome.ts'

/**
 * Makes the subscriber a member of its group.
 *
 * @throws {AttemptOver} also if the log has trimmed what was to be read; the subscriber then leaves as `too-slow`.
 */
export async function readUpToLive(attempt: Attempt, { reads, extra }: CatchUpPlan): Promise<void> {
  const { subscriber, context, startSeq } = attempt
  for (const read of reads) await readLog(attempt, read, extra)
  while (hasOverflowed(subscriber)) {
    // More live events arrived than may be held back. The log has them by now.
    subscriber.liveOverflowed = false
    subscriber.liveFrames = []
    const topics = [...subscriber.group.streams.keys()]
    const upToSeq = context.head()?.seq ?? startSeq
    await readLog(attempt, { topics, upToSeq, firstPage: undefined }, extra)
  }
  // Without a wait since the last check for an overflow, or the events that it dropped would be lost.
  attempt.check()
  context.joinGroup(subscriber)
}

async function readLog(
  attempt: Attempt,
  { topics, upToSeq, firstPage }: LogRead,
  extra: readonly LogEntry[],
): Promise<void> {
  const { subscriber, context, epoch } = attempt
  let page = firstPage
  while (subscriber.cursor < upToSeq) {
    if (!page) {
      await attempt.wait(context.slots.acquire(subscriber))
      const position = { epoch, seq: subscriber.cursor }
      page = await attempt.wait(context.log.readAfter(position, topics, PAGE))
    }
    if (!page.ok || (page !== firstPage && page.gaps.size > 0)) {
      // The log has trimmed what this subscriber had still to read.
      subscriber.context.leave(subscriber, 'too-slow')
      throw new AttemptOver()
    }
    const through = Math.min(page.through, upToSeq)
    const entries = page.entries.filter((entry) => carries(subscriber.group, entry))
    await send(attempt, inOrder([...entries, ...extra], subscriber.cursor, through))
    subscriber.cursor = Math.max(subscriber.cursor, through)
    page = undefined
    // Other connections have their turn between two pages.
    if (subscriber.cursor < upToSeq) await attempt.wait(new Promise<void>(context.afterTick))
  }
}

/** Sends entries in writes of at most `maxQueuedBytes`, or one event each. */
async function send(attempt: Attempt, entries: readonly LogEntry[]): Promise<void> {
  const { subscriber, context, epoch } = attempt
  let frames: Frame[] = []
  let bytes = 0
  for (const entry of entries) {
    const frame = context.frames.frame(subscriber.group.format, epoch, entry)
    if (frames.length > 0 && bytes + frame.bytes.length > subscriber.context.maxQueuedBytes) {
      await writeFrames(attempt, frames)
      frames = []
      bytes = 0
    }
    frames.push(frame)
    bytes += frame.bytes.length
  }
  if (frames.length > 0) await writeFrames(attempt, frames)
}

async function writeFrames(attempt: Attempt, frames: readonly Frame[]): Promise<void> {
  const { subscriber, context } = attempt
  if (subscriber.blocked) {
    // A client that does not read must not keep others waiting for a slot.
    context.slots.release(subscriber)
    await attempt.wait(untilWritable(subscriber))
    await attempt.wait(context.slots.acquire(subscriber))
  }
  attempt.check()
  subscriber.context.counters.replayed += frames.length
  subscriber.cursor = frames.at(-1)?.entry.seq ?? subscriber.cursor
  for (const { entry } of frames) noteFinalEvent(subscriber, entry)
  write(subscriber, joinFrames(frames), frames.length)
}

/** The entries after one seq and up to another, each once. */
function inOrder(entries: readonly LogEntry[], afterSeq: number, through: number): LogEntry[] {
  const bySeq = new Map<number, LogEntry>()
  for (const entry of entries) {
    if (entry.seq > afterSeq && entry.seq <= through) bySeq.set(entry.seq, entry)
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq)
}

/** A function, because the compiler assumes that the property does not change during calls. */
function hasOverflowed(subscriber: Subscriber): boolean {
  return subscriber.liveOverflowed
}

/** Resolves when the sink accepts bytes again, or the subscriber has left. */
function untilWritable(subscriber: Subscriber): Promise<void> {
  if (!subscriber.blocked || subscriber.left) return Promise.resolve()
  return new Promise((resolve) => {
    subscriber.onWritable = resolve
  })
}
