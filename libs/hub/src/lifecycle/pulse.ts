/** What a connection hears while nothing happens, and the end of those that have lived long enough. */
import { formatEventId, type EventId } from '@downlink/protocol'
import { encodeComment, encodeEvent } from '@downlink/protocol/sse'
import { commentBatch, textBatch, type Batch } from '../delivery/frames.ts'
import { writeBatch, type Subscriber } from '../delivery/subscriber.ts'

const plainBeat = commentBatch('')

/**
 * One beat for these subscribers; one that is stuck has enough waiting for it.
 *
 * @param head The position up to which every member has been written.
 */
export function pulse(
  subscribers: Iterable<Subscriber>,
  nowMs: number,
  head: EventId | undefined,
): void {
  let position: Batch | undefined
  for (const subscriber of subscribers) {
    if (nowMs >= subscriber.expiresAtMs) subscriber.home.leave(subscriber, 'lifetime')
    else if (subscriber.blocked) continue
    else if (subscriber.lane.format === 'plain' || subscriber.waiting || !head) {
      writeBatch(subscriber, plainBeat)
    } else {
      // An id without data moves the client's last event id, so one whose topics are quiet stays resumable.
      // https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage
      position ??= textBatch(encodeComment('') + encodeEvent({ id: formatEventId(head) }))
      writeBatch(subscriber, position)
    }
  }
}
