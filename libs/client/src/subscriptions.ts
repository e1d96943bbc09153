/** Who reads which topic, and how an event finds them: once each, validated by each one's contract. */
import {
  unpack,
  type ResumeOutcome,
  type Stream,
  type StreamEvent,
  type UnpackFailure,
} from '@downlink/protocol'
import type { DecodedEvent } from '@downlink/protocol/sse'
import { tellAll, type Isolate } from './isolate.ts'
import { createSeenIds, type IsNewId } from './seen-ids.ts'

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
type Handlers = StreamHandlers<Stream>

export interface Subscriptions {
  /** The topics with at least one reader, in the order of their first. */
  readonly topics: () => string[]
  /** Returns how to leave. */
  add(stream: Stream, handlers: Handlers): () => void
  /** Hands an event to the readers of its topic. */
  deliver(topic: string | undefined, event: DecodedEvent): void
  /** Tells something else to the readers of some topics. */
  tell(topics: readonly string[], say: (handlers: Handlers) => void): void
}

interface Subscriber {
  readonly stream: Stream
  readonly handlers: Handlers
  readonly leave: () => void
}

interface Topic {
  readonly subscribers: Set<Subscriber>
  readonly isNew: IsNewId
}

/** `onChange` is called whenever the topics may have changed. */
export function createSubscriptions(isolate: Isolate, onChange: () => void): Subscriptions {
  const topics = new Map<string | undefined, Topic>()

  return {
    topics: () => [...topics.keys()] as string[],
    add(stream, handlers) {
      const topic = topics.get(stream.topic) ?? { subscribers: new Set(), isNew: createSeenIds() }
      const { subscribers } = topic
      const subscriber: Subscriber = { stream, handlers, leave }
      topics.set(stream.topic, topic)
      subscribers.add(subscriber)
      onChange()
      return leave

      function leave(): void {
        if (!subscribers.delete(subscriber)) return
        if (subscribers.size === 0) topics.delete(stream.topic)
        onChange()
      }
    },
    deliver(name, event) {
      const topic = topics.get(name)
      if (!topic?.isNew(event.id)) return
      tellAll(isolate, topic.subscribers, (subscriber) => {
        const { stream, handlers, leave } = subscriber
        const unpacked = unpack(stream, event)
        if (!unpacked.ok) {
          handlers.onInvalid?.(unpacked.failure)
          return
        }
        isolate(() => handlers.onEvent(unpacked.value))
        if (stream.endsWith !== event.event || !topic.subscribers.has(subscriber)) return
        leave()
        handlers.onEnd?.()
      })
    },
    tell(names, say) {
      for (const name of names) {
        const topic = topics.get(name)
        if (topic) tellAll(isolate, topic.subscribers, ({ handlers }) => say(handlers))
      }
    },
  }
}
