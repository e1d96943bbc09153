// What the page needs of a connection, whichever way it is made.
import type { Link, StreamHandlers, WireFrame } from '@downlink/client'
import type { Stream } from '@downlink/protocol'
import type { Transport } from '../settings/view-query.ts'

/** A link, or anything else that has events. */
export type PageLink = Pick<Link, 'status' | 'onStatus' | 'lastEventId' | 'retryNow' | 'close'> & {
  subscribe<S extends Stream>(stream: S, handlers: StreamHandlers<S>): () => void
}

export interface ConnectOptions {
  readonly transport: Transport
  /** The id to resume from; empty to begin with what comes now. */
  readonly lastEventId: string
  readonly onFrame: (frame: WireFrame) => void
}

/** Rejects where the code for a transport cannot be loaded. */
export type Connect = (options: ConnectOptions) => Promise<PageLink>
