/** Who reads which topic, and how an event finds them: once each, validated by each one's contract. */
import {
  unpack,
  type Refused,
  type ResumeOutcome,
  type Stream,
  type StreamEvent,
  type UnpackFailure,
} from '@downlink/protocol'
import { LinkError } from '../errors.ts'
import { tellAll, type Isolate } from './run-safely.ts'
import type { Received } from '../connection/received.ts'
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
  /**
   * The server refused this topic (`unknown`, `forbidden` or another `reason`), while others go on. Nothing follows.
   * Subscribing again asks again. Where this is missing, the error is reported as one that a callback threw.
   */
  onError?(error: LinkError): void
  /** The stream's last event, one of `finalEvents`, was delivered. Nothing follows. */
  onEnd?(): void
}

/** Handlers whose contract is known only where they were given. */
type Handlers = StreamHandlers<Stream>

export interface Subscriptions {
  /** The topics with at least one reader, sorted. */
  readonly topics: () => string[]
  /** Returns how to leave. */
  readonly add: (stream: Stream, handlers: Handlers) => () => void
  /** Hands what was received to the readers that it concerns. */
  readonly deliver: (received: Received) => void
}

interface Topic {
  readonly readers: Set<(received: Received) => void>
  readonly isNew: IsNewId
}

/** `onChange` is called whenever the topics may have changed, and whether that is for another reader. */
export function createSubscriptions(
  isolate: Isolate,
  plain: boolean,
  onChange: (another: boolean) => void,
): Subscriptions {
  const all = new Map<string | undefined, Topic>()

  return { topics, add, deliver }

  function topics(): string[] {
    return ([...all.keys()] as string[]).sort()
  }

  function add(stream: Stream, handlers: Handlers): () => void {
    const topic = all.get(stream.topic) ?? {
      readers: new Set(),
      isNew: plain ? always : createSeenIds(),
    }
    const { readers } = topic
    all.set(stream.topic, topic)
    readers.add(read)
    onChange(true)
    return leave

    function leave(): void {
      if (!readers.delete(read)) return
      if (readers.size === 0) all.delete(stream.topic)
      onChange(false)
    }

    function fail({ topic, reason }: Refused): void {
      leave()
      const message = `The server refused the topic ${topic} (${reason}). Subscribe again to ask again.`
      const error = new LinkError('refused', message, { topic, reason })
      if (!handlers.onError) throw error
      handlers.onError(error)
    }

    function read(received: Received): void {
      const { event, hello, refused, dropped } = received
      if (hello) handlers.onResume?.(hello.outcome)
      else if (refused) fail(refused)
      else if (dropped) handlers.onDropped?.(dropped.count)
      else {
        const unpacked = unpack(stream, received)
        if (unpacked.ok) isolate(() => handlers.onEvent(unpacked.value))
        else handlers.onInvalid?.(unpacked.failure)
        if (!unpacked.ok || !stream.finalEvents?.includes(event) || !readers.has(read)) return
        leave()
        handlers.onEnd?.()
      }
    }
  }

  function deliver(received: Received): void {
    const { topic, id, hello, refused, dropped } = received
    for (const name of hello ? topics() : [(refused ?? dropped)?.topic ?? topic]) {
      const found = all.get(name)
      if (found && (hello || refused || dropped || found.isNew(id))) {
        tellAll(isolate, found.readers, (read) => read(received))
      }
    }
  }
}

/** On the plain format an id says nothing about repeats: some servers count anew on each connection. */
function always(): boolean {
  return true
}
