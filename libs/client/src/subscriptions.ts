/** Who reads which topic, and how an event finds them: once each, validated by each one's contract. */
import {
  unpack,
  type ResumeOutcome,
  type Stream,
  type StreamEvent,
  type UnpackFailure,
} from '@downlink/protocol'
import type { DecodedEvent } from '@downlink/protocol/sse'
import type { Isolate } from './isolate.ts'
import { createSeenIds, type SeenIds } from './seen-ids.ts'

/** What a reader is told. Each is called at once, in the order of the stream; what one throws harms nobody else. */
export interface StreamHandlers<S extends Stream> {
  onEvent(event: StreamEvent<S>): void
  /** An event broke the contract. It is left out and the stream goes on. */
  onInvalid?(failure: UnpackFailure): void
  /** A connection began: `gap` says that events were lost between, so fetch what they would have told. */
  onResume?(outcome: ResumeOutcome): void
  /** The server left out this many events of the topic because the connection was slow. */
  onDropped?(count: number): void
  /** The stream's last event, `endsWith`, was delivered. Nothing follows. */
  onEnd?(): void
}

/** Handlers whose contract is known only where they were given. */
export interface Subscriber {
  readonly stream: Stream
  readonly handlers: StreamHandlers<Stream>
}

export interface Subscriptions {
  /** The topics with at least one reader, in the order of their first. */
  topics(): string[]
  add(subscriber: Subscriber): void
  remove(subscriber: Subscriber): void
  deliver(topic: string, event: DecodedEvent): void
  resumed(outcome: ResumeOutcome): void
  dropped(topic: string, count: number): void
}

interface Topic {
  readonly subscribers: Set<Subscriber>
  readonly seen: SeenIds
}

/** `onChange` is called whenever the topics may have changed. */
export function createSubscriptions(isolate: Isolate, onChange: () => void): Subscriptions {
  const topics = new Map<string, Topic>()

  return {
    topics: () => [...topics.keys()],
    add,
    remove,
    deliver,
    resumed(outcome) {
      for (const { subscribers } of [...topics.values()]) {
        tell(subscribers, ({ handlers }) => handlers.onResume?.(outcome))
      }
    },
    dropped(topic, count) {
      tell(topics.get(topic)?.subscribers, ({ handlers }) => handlers.onDropped?.(count))
    },
  }

  function add(subscriber: Subscriber): void {
    const { topic } = subscriber.stream
    const existing = topics.get(topic)
    if (existing === undefined) {
      topics.set(topic, { subscribers: new Set([subscriber]), seen: createSeenIds() })
    } else {
      existing.subscribers.add(subscriber)
    }
    onChange()
  }

  function remove(subscriber: Subscriber): void {
    const { topic } = subscriber.stream
    const subscribers = topics.get(topic)?.subscribers
    if (subscribers?.delete(subscriber) !== true) return
    if (subscribers.size === 0) topics.delete(topic)
    onChange()
  }

  function deliver(name: string, event: DecodedEvent): void {
    const topic = topics.get(name)
    if (topic === undefined || !topic.seen.isNew(event.id)) return
    tell(topic.subscribers, (subscriber) => {
      const { stream, handlers } = subscriber
      const unpacked = unpack(stream, event)
      if (!unpacked.ok) {
        handlers.onInvalid?.(unpacked.failure)
        return
      }
      isolate((value: StreamEvent<Stream>) => handlers.onEvent(value), unpacked.value)
      if (stream.endsWith !== event.event || topics.get(name)?.subscribers.has(subscriber) !== true)
        return
      remove(subscriber)
      handlers.onEnd?.()
    })
  }

  /** Those who are there now, unless one of them makes another leave. */
  function tell(
    subscribers: Set<Subscriber> | undefined,
    say: (subscriber: Subscriber) => void,
  ): void {
    for (const subscriber of [...(subscribers ?? [])]) {
      if (subscribers?.has(subscriber) === true) isolate(say, subscriber)
    }
  }
}
