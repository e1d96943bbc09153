/** An entry for a stream with one topic, whose source runs while it has subscribers. */
import type { Hub, Source, TopicRequest } from '@downlink/hub'
import { pickEvents, type EventName, type Stream } from '@downlink/protocol'
import type { StreamContext, StreamEntry } from './stream-entry.ts'

/**
 * What a new subscriber gets first. `live`: the next event. `latest`: the latest event of each name, however old.
 * `recent`: the latest events while the source runs, else the next one, because a source publishes when it starts.
 */
export type StartMode = 'live' | 'latest' | 'recent'

/** An event of a stream with one event per second that is older than this was published before the source last stopped. */
const RECENT_MS = 2_000

export interface StandingStream<S extends Stream> {
  readonly contract: S
  readonly path: `/${string}`
  /** The events that the plain stream sends. Default: all. Other events are state that is valid at any age. */
  readonly plainEvents?: readonly EventName<S>[]
  readonly start: StartMode
  /** Default: as `start`. */
  readonly plainStart?: StartMode
  /** Called once for each server. */
  readonly create: (context: StreamContext) => StandingSource<S>
}

export interface StandingSource<S extends Stream> {
  readonly source: Source<S>
  /** Publishes one event now, for the demo fault `flood`. */
  readonly publishOne?: () => Promise<unknown>
}

export function standing<S extends Stream>({
  contract,
  path,
  plainEvents,
  start,
  plainStart = start,
  create,
}: StandingStream<S>): StreamEntry<S> {
  const plainContract = plainEvents === undefined ? contract : pickEvents(contract, plainEvents)
  const recentMs = Object.fromEntries(
    Object.keys(plainContract.events).map((event) => [event, RECENT_MS]),
  )
  return {
    contract,
    plainContract,
    path,
    serve(context) {
      const { hub } = context
      const { source, ...rest } = create(context)
      hub.source(contract, source)
      return {
        ...rest,
        open: (topic) =>
          topic === contract.topic
            ? { request: requestFor(hub, contract, start, recentMs) }
            : undefined,
        openPlain: () => ({ request: requestFor(hub, plainContract, plainStart, recentMs) }),
      }
    },
  }
}

function requestFor(
  hub: Hub,
  stream: Stream,
  start: StartMode,
  recentMs: Readonly<Record<string, number>>,
): TopicRequest {
  if (start !== 'recent') return { stream, start }
  return hub.subscriberCount(stream) > 0
    ? { stream, start: 'latest', latestMaxAgeMs: recentMs }
    : { stream, start: 'live' }
}
