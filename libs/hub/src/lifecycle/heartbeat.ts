/** Heartbeats from one timer for all subscribers, and the end of connections that have reached their lifetime. */
import { formatEventId, type Clock, type EventId, type Health } from '@downlink/protocol'
import { encodeComment, encodeEvent } from '@downlink/protocol/sse'
import { write, writeHealth, type Subscriber } from '../delivery/subscriber.ts'
import { encodeUtf8 } from '../utf8.ts'

export interface Heartbeat {
  add(subscriber: Subscriber): void
  remove(subscriber: Subscriber): void
  stop(): void
}

/** Each tick of the timer writes to an eighth of the subscribers, to spread the load over the interval. */
const SLICES = 8
const PLAIN_BEAT = encodeUtf8(encodeComment(''))

/** Calls `beat` for every subscriber once per `intervalMs`; no timer runs while there is none. */
export function createHeartbeat(
  clock: Clock,
  intervalMs: number,
  beat: (subscribers: Iterable<Subscriber>) => void,
): Heartbeat {
  const slices = Array.from({ length: SLICES }, () => new Set<Subscriber>())
  let size = 0
  let next = 0
  let cancel: (() => void) | undefined

  return {
    add(subscriber) {
      // The slice of the last tick: its first heartbeat is a whole interval away.
      subscriber.slice = (next + SLICES - 1) % SLICES
      slices[subscriber.slice]?.add(subscriber)
      size += 1
      cancel ??= clock.after(intervalMs / SLICES, tick)
    },
    remove(subscriber) {
      if (!slices[subscriber.slice]?.delete(subscriber)) return
      size -= 1
      if (size === 0) stop()
    },
    stop,
  }

  function tick(): void {
    cancel = clock.after(intervalMs / SLICES, tick)
    const slice = slices[next]
    next = (next + 1) % SLICES
    if (slice) beat(slice)
  }

  function stop(): void {
    cancel?.()
    cancel = undefined
  }
}

/**
 * One heartbeat for each of these subscribers. Blocked subscribers are skipped: bytes already wait for them.
 *
 * @param health Told to the members that were blocked when it changed.
 * @param head The position up to which every member has been written.
 */
export function sendHeartbeats(
  subscribers: Iterable<Subscriber>,
  nowMs: number,
  head: EventId | undefined,
  health: Health['state'],
): void {
  let position: Uint8Array | undefined
  for (const subscriber of subscribers) {
    if (nowMs >= subscriber.expiresAtMs) subscriber.context.leave(subscriber, 'lifetime')
    else if (subscriber.blocked) continue
    else if (subscriber.group.format === 'plain' || subscriber.liveFrames || !head) {
      write(subscriber, PLAIN_BEAT)
    } else {
      // An id without data moves the client's last event ID, so that a client of quiet topics can still resume.
      // https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage
      position ??= encodeUtf8(encodeComment('') + encodeEvent({ id: formatEventId(head) }))
      write(subscriber, position)
      writeHealth(subscriber, health)
    }
  }
}
