/**
 * Brings a subscriber up to date in three steps: decide the outcome, send hello, read the log up to live. Live events are
 * held back meanwhile, and an event that both the log and the live frames contain is sent once.
 */
import { control, formatEventId, pack } from '@downlink/protocol'
import { encodeEvent } from '@downlink/protocol/sse'
import { noteFinalEvent, writeHealth, writeText, type Subscriber } from '../delivery/subscriber.ts'
import { AttemptOver, createAttempt, type Attempt, type CatchUpContext } from './attempt.ts'
import { decideOutcome, type CatchUpPlan } from './outcome.ts'
import { readUpToLive } from './read-up-to-live.ts'
import type { ResumePoint } from './resume-point.ts'
import type { RefusedTopic, TopicRequest } from './topic-request.ts'

/**
 * Resolves once the subscriber is a member of its group or has left. If the log starts a new history meanwhile, the
 * catch-up starts again, as a gap.
 *
 * @param refused Reported after the first hello.
 */
export async function catchUp(
  subscriber: Subscriber,
  requests: readonly TopicRequest[],
  resumePoint: ResumePoint,
  refused: readonly RefusedTopic[],
  context: CatchUpContext,
): Promise<void> {
  // Waits only if it must: what a source publishes from here on, as it starts now, is live.
  if (!context.head()) await context.ready
  let point = resumePoint
  let unreported = refused
  for (let start = context.head(); start && !subscriber.left; start = context.head()) {
    const attempt = createAttempt(subscriber, start, context)
    subscriber.liveFrames = []
    subscriber.liveOverflowed = false
    try {
      const plan = await decideOutcome(attempt, requests, point)
      sendHello(attempt, plan, unreported)
      unreported = []
      await readUpToLive(attempt, plan)
    } catch (error) {
      if (!(error instanceof AttemptOver)) throw error
    } finally {
      context.slots.release(subscriber)
    }
    if (context.head()?.epoch === start.epoch) return
    // The log has started a new history: what was sent is not continued.
    point = { kind: 'gap', reason: 'unknown-epoch' }
  }
}

/** Reports the outcome; on the multiplexed format also to the client, with the topics that it does not get. */
function sendHello(
  { subscriber, context, epoch }: Attempt,
  { outcome, gapReason, helloSeq, knownFinalEvents }: CatchUpPlan,
  refused: readonly RefusedTopic[],
): void {
  for (const entry of knownFinalEvents) noteFinalEvent(subscriber, entry)
  subscriber.cursor = helloSeq
  subscriber.context.counters.resumes[outcome] += 1
  subscriber.resolveOutcome(outcome)
  if (subscriber.group.format === 'plain') return
  const { heartbeatMs } = context
  const hello = pack(control, 'downlink.hello', {
    heartbeatMs,
    outcome,
    ...(gapReason !== undefined && { reason: gapReason }),
  })
  let text = encodeEvent({ ...hello, id: formatEventId({ epoch, seq: helloSeq }) })
  for (const { topic, reason } of refused) {
    text += encodeEvent(pack(control, 'downlink.refused', { topic, reason }))
  }
  writeText(subscriber, text)
  writeHealth(subscriber, context.health())
}
