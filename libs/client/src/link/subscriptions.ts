/** The subscriptions of a link by topic: each event is delivered once to each, validated by its contract. */
import {
  unpack,
  type Refused,
  type ResumeOutcome,
  type Stream,
  type StreamEvent,
  type UnpackFailure,
} from '@downlink/protocol'
import type { ReceivedEvent } from '../connection/received-event.ts'
import { LinkError } from '../errors.ts'
import { notifyAll, type RunSafely } from './run-safely.ts'
import { createSeenIds, type IsNewId } from './seen-ids.ts'

/**
 * The callbacks of a subscription, called synchronously and in the order of the stream. An exception in one callback is
 * reported and does not affect the others.
 */
export interface StreamHandlers<S extends Stream> {
  onEvent(event: StreamEvent<S>): void
  /** An event violates the contract. It is skipped and the stream continues. */
  onInvalid?(failure: UnpackFailure): void
  /** A connection started. `gap` means that events were lost since the last one: fetch the current state. */
  onResume?(outcome: ResumeOutcome): void
  /** The server skipped this many events of the topic because the connection was slow. */
  onDropped?(count: number): void
  /**
   * The server refused this topic (`unknown`, `forbidden` or another `reason`), while the other topics continue. No other
   * callback follows. A new subscription requests the topic again. Without this callback the error is reported like an
   * exception in a callback.
   */
  onError?(error: LinkError): void
  /** One of the stream's `finalEvents` was delivered. No other callback follows. */
  onEnd?(): void
}

/** The contract's types are known only to the caller of `subscribe`. */
type Handlers = StreamHandlers<Stream>

export interface Subscriptions {
  /** The topics with at least one subscription, sorted. */
  readonly topics: () => string[]
  /** Returns a function that unsubscribes. */
  readonly add: (stream: Stream, handlers: Handlers) => () => void
  /** Delivers an event to the subscriptions of its topic, and a hello to all. */
  readonly deliver: (event: ReceivedEvent) => void
}

interface Topic {
  readonly receivers: Set<(event: ReceivedEvent) => void>
  readonly isNew: IsNewId
}

/** `onChange` is called when the topics may have changed, with whether a subscription was added. */
export function createSubscriptions(
  runSafely: RunSafely,
  plain: boolean,
  onChange: (isAdded: boolean) => void,
): Subscriptions {
  const byTopic = new Map<string | undefined, Topic>()

  return { topics, add, deliver }

  function topics(): string[] {
    return ([...byTopic.keys()] as string[]).sort()
  }

  function add(stream: Stream, handlers: Handlers): () => void {
    const topic = byTopic.get(stream.topic) ?? {
      receivers: new Set(),
      isNew: plain ? alwaysNew : createSeenIds(),
    }
    const { receivers } = topic
    byTopic.set(stream.topic, topic)
    receivers.add(receive)
    onChange(true)
    return unsubscribe

    function unsubscribe(): void {
      if (!receivers.delete(receive)) return
      if (receivers.size === 0) byTopic.delete(stream.topic)
      onChange(false)
    }

    function receive(event: ReceivedEvent): void {
      const { hello, refused, dropped } = event
      if (hello) handlers.onResume?.(hello.outcome)
      else if (refused) fail(refused)
      else if (dropped) handlers.onDropped?.(dropped.count)
      else receiveTopicEvent(event)
    }

    function receiveTopicEvent(event: ReceivedEvent): void {
      const unpacked = unpack(stream, event)
      if (!unpacked.ok) {
        handlers.onInvalid?.(unpacked.failure)
        return
      }
      runSafely(() => handlers.onEvent(unpacked.value))
      // onEvent may have unsubscribed.
      if (!stream.finalEvents?.includes(event.event) || !receivers.has(receive)) return
      unsubscribe()
      handlers.onEnd?.()
    }

    function fail({ topic, reason }: Refused): void {
      unsubscribe()
      const message = `The server refused the topic ${topic} (${reason}). Subscribe again to request it again.`
      const error = new LinkError('refused', message, { topic, reason })
      if (!handlers.onError) throw error
      handlers.onError(error)
    }
  }

  function deliver(event: ReceivedEvent): void {
    const { topic, id, hello, refused, dropped } = event
    for (const name of hello ? topics() : [(refused ?? dropped)?.topic ?? topic]) {
      const found = byTopic.get(name)
      if (found && (hello || refused || dropped || found.isNew(id))) {
        notifyAll(runSafely, found.receivers, (receive) => receive(event))
      }
    }
  }
}

/** On the plain format an id does not identify a duplicate: some servers count from 1 on each connection. */
function alwaysNew(): boolean {
  return true
}
