/** The topics that can be subscribed to, and what a newcomer to each gets first. */
import type { Hub, TopicRequest } from '@downlink/hub'
import type { Stream } from '@downlink/protocol'
import { stocks, systemStats, time, training } from '@downlink/protocol/streams'
import type { TrainingRun } from './streams/training/run.ts'

/** A value of a beat that is older than this is from before its source last stopped. */
const BEAT_MAX_AGE_MS = 2_000

const STANDING = {
  [time.topic]: (hub: Hub) => beat(hub, time),
  [systemStats.topic]: (hub: Hub) => beat(hub, systemStats),
  // The walk stands still while nobody watches, so a price of any age is the price now.
  [stocks.topic]: () => ({ stream: stocks, start: 'latest' }),
} as const satisfies Record<string, (hub: Hub) => TopicRequest>

export type StandingTopic = keyof typeof STANDING

/** The topics that are always there. */
export const STANDING_TOPICS = Object.keys(STANDING) as readonly StandingTopic[]

export function isStandingTopic(name: string): name is StandingTopic {
  return Object.hasOwn(STANDING, name)
}

export function standingTopic(hub: Hub, name: StandingTopic): TopicRequest {
  return STANDING[name](hub)
}

/** A stream that comes every second: at once the newest value, unless the source is about to start with one. */
export function beat(hub: Hub, stream: Stream<'time' | 'system-stats'>): TopicRequest {
  // Limits of any age are sent: they are published only when they change.
  return hub.viewers(stream) > 0
    ? { stream, start: 'latest', latestMaxAgeMs: { message: BEAT_MAX_AGE_MS } }
    : { stream, start: 'live' }
}

/** A run from its first event. */
export function wholeRun(run: TrainingRun): TopicRequest {
  return { stream: run.stream, start: 'history' }
}

/** The id in `training/<id>`. */
export function runIdOf(name: string): string | undefined {
  const prefix = `${training.topic}/`
  return name.startsWith(prefix) ? name.slice(prefix.length) : undefined
}
