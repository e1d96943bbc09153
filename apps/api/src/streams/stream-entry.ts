/** The columns of the table of streams, and what an entry serves while the server runs. */
import type Router from '@koa/router'
import type { Hub, Subscription, TopicRequest } from '@downlink/hub'
import type { Clock, Stream } from '@downlink/protocol'
import type { Refusal } from '../operations/limits/refusal.ts'
import type { Services } from '../services.ts'
import type { Settings, SettingValues } from '../setting.ts'

export interface StreamEntry<S extends Stream = Stream, T extends Settings = Settings> {
  readonly contract: S
  /** The part of the contract that the plain stream serves. Default: all of it. */
  readonly plainContract?: Stream
  /** Path of the plain stream, such as `/stream-time`. */
  readonly path: `/${string}`
  /**
   * Set if clients subscribe to instances, `<topic>/<id>`, instead of the contract's topic. Tells clients where the ids
   * come from.
   */
  readonly idsFrom?: string
  /** Whether opening the plain stream starts work. Pages of other sites are then refused. */
  readonly startsWork?: boolean
  /** Environment variables that only this stream uses. */
  readonly settings?: T
  /** OpenAPI path items of the routes that `ServedStream.routes` adds. */
  readonly paths?: Readonly<Record<string, object>>
  /** Events that the log keeps for this stream, in addition to those it keeps for all streams. */
  keptEvents?(values: SettingValues<T>): number
  serve(context: StreamContext, values: SettingValues<T>): ServedStream
}

export interface StreamContext {
  readonly hub: Hub
  readonly clock: Clock
  readonly onError: (error: unknown, topic?: string) => void
}

export interface ServedStream {
  /** Opens a topic for a subscriber of `/events`; undefined if the topic is not this stream's or does not exist. */
  open(topic: string): OpenedTopic | undefined
  /** Opens the plain stream, or refuses it. */
  openPlain(client: PlainClient): OpenedTopic | Refusal
  /** Whether nothing follows this event. The plain stream then answers 204, so that an EventSource stops. */
  isOver?(lastEventId: string): boolean
  /** Adds routes other than the stream itself. */
  routes?(router: Router, services: Services): void
  /** Publishes one event now, for the demo fault `flood`. */
  publishOne?(): Promise<unknown>
  readonly refusals?: readonly Refusal[]
  readonly gauges?: readonly Gauge[]
  close?(): Promise<void>
}

export interface PlainClient {
  readonly lastEventId: string | undefined
  /** The key under which limits per address count this client. */
  readonly address: string
}

export interface OpenedTopic {
  readonly request: TopicRequest
  /** False: the id that the client sent means nothing to this topic. Default: true. */
  readonly resumes?: boolean
  /** Called when the stream is open; the returned function is called after the client has left. */
  readonly onOpen?: (subscription: Subscription) => () => void
}

/** A value that Prometheus reads. */
export interface Gauge {
  readonly name: string
  readonly help: string
  readonly read: () => number
}
