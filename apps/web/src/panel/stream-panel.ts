// The definition of a stream's panel: what the page must know of a stream to show it.
import type { Stream } from '@downlink/protocol'
import type { Component } from 'svelte'
import type { ClockOffset } from '../connection/clock-offset.ts'
import type { StreamReader } from '../connection/stream-reader.ts'
import type { Dashboard } from '../page/dashboard.svelte.ts'
import type { LiveView } from './live-view.svelte.ts'

/** What the page shows of a stream outside its panel. */
export interface StreamInfo {
  /** The contract from the catalog. Its topic is also the panel's id, in the page and in the address. */
  readonly contract: Stream
  /** The heading of the panel. */
  readonly title: string
  /** The text of the link on a phone, where the title is too long. */
  readonly shortTitle?: string
  /** The key that moves the focus to the panel. No other panel or command of the page has the same key. */
  readonly shortcut: string
  /** Width of the panel on a wide screen, in columns of 12. */
  readonly columns: number
  /** Colour of the topic in the events drawer, a custom property of styles/tokens.css. */
  readonly colour: 's1' | 's2' | 's3' | 'muted'
  /** How to estimate the latency of its events; left out, the events drawer shows none. */
  readonly timing?: Timing
}

/** How to find out when the server sent an event. */
export type Timing =
  /** From the event's data. Returns ms within the hour of the server's clock, undefined for data without a time. */
  | { readonly kind: 'timestamp'; readonly sentAtMs: (data: string) => number | undefined }
  /** From the interval at which the server sends events with this name. */
  | { readonly kind: 'interval'; readonly event: string; readonly intervalMs: number }

/** The state of a stream's panel. The optional methods are for streams whose topics change, such as training runs. */
export interface StreamModel {
  readonly live: LiveView<unknown>
  /** Without an event for longer than this, the panel says that the topic is quiet. */
  readonly staleAfterMs: number
  /** Reads the stream from a new connection. Called again after a change of transport: the old connection is closed. */
  subscribe(reader: StreamReader): void
  /** Runs before the first connection, which waits for it. Must not reject. */
  prepare?(clockOffset: Promise<ClockOffset | null>): Promise<void>
  /** The link has failed and does not reconnect by itself. */
  onLinkFailed?(): void
  /** Follows changes made in other tabs; returns a function that stops this. */
  followTabs?(): () => void
}

export interface StreamPanelProps<Model> {
  readonly dashboard: Dashboard
  readonly info: StreamInfo
  readonly model: Model
}

export interface StreamPanelDefinition<Model extends StreamModel> extends StreamInfo {
  readonly createModel: (dashboard: Dashboard) => Model
  readonly Panel: Component<StreamPanelProps<Model>>
}

/** A panel of any stream: its model fits its own component only, which `never` expresses. */
export interface StreamPanel extends StreamInfo {
  readonly createModel: (dashboard: Dashboard) => StreamModel
  readonly Panel: Component<StreamPanelProps<never>>
}

/** Defines a row of the table in streams/index.ts: checks that the component takes the model that is created. */
export function defineStreamPanel<Model extends StreamModel>(
  definition: StreamPanelDefinition<Model>,
): StreamPanel {
  return definition
}

/** Whether `topic` is the stream's own or one of its instances, as `training/7f3a` is of `training`. */
export function isTopicOf({ topic: own }: Stream, topic: string): boolean {
  return topic === own || topic.startsWith(`${own}/`)
}
