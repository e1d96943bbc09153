/** One attempt to catch up. It is over when the subscriber leaves or the log starts a new history. */
import type { EventId, Health } from '@downlink/protocol'
import type { AfterTick } from '../clock.ts'
import type { FrameCache } from '../delivery/frame-cache.ts'
import { hasLeft, type Subscriber } from '../delivery/subscriber.ts'
import type { EventLog } from '../log/event-log.ts'
import type { CatchUpSlots } from './slots.ts'

/** What all catch-ups of a hub share. */
export interface CatchUpContext {
  readonly log: EventLog
  readonly frames: FrameCache
  readonly slots: CatchUpSlots
  readonly afterTick: AfterTick
  readonly heartbeatMs: number
  /** Whether the log can be reached. */
  health(): Health['state']
  /** The newest position that was fanned out; undefined until the log has reported its first. */
  head(): EventId | undefined
  /** Resolves once there is a position. */
  readonly ready: Promise<void>
  /** Makes a subscriber that is up to date a member of its group. */
  joinGroup(subscriber: Subscriber): void
}

export interface Attempt {
  readonly subscriber: Subscriber
  readonly context: CatchUpContext
  /** The history that is read. */
  readonly epoch: string
  /** The newest seq when the attempt started: later events are live. */
  readonly startSeq: number
  /** Waits for a promise. @throws {AttemptOver} if the attempt is over by then. */
  wait<T>(promise: Promise<T>): Promise<T>
  /** @throws {AttemptOver} if the attempt is over. */
  check(): void
}

/** Ends the functions of an attempt; `catchUp` catches it. */
export class AttemptOver extends Error {
  override readonly name = 'AttemptOver'
}

export function createAttempt(
  subscriber: Subscriber,
  { epoch, seq: startSeq }: EventId,
  context: CatchUpContext,
): Attempt {
  return { subscriber, context, epoch, startSeq, wait, check }

  async function wait<T>(promise: Promise<T>): Promise<T> {
    const result = await promise
    check()
    return result
  }

  function check(): void {
    if (hasLeft(subscriber) || context.head()?.epoch !== epoch) throw new AttemptOver()
  }
}
