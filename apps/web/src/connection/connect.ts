// The page's one connection: through the client library, or through the browser's own EventSource for comparison.
import { createLink, type Link, type StreamHandlers, type WireFrame } from '@downlink/client'
import type { Stream } from '@downlink/protocol'
import { browserStorage } from '../settings/browser-storage.ts'

export type Transport = 'fetch' | 'eventsource'

/** The part of a link that the page uses, which both transports implement. */
export type PageLink = Pick<Link, 'status' | 'onStatus' | 'lastEventId' | 'retryNow' | 'close'> & {
  subscribe<S extends Stream>(stream: S, handlers: StreamHandlers<S>): () => void
}

export interface ConnectOptions {
  readonly transport: Transport
  /** The id to resume after; empty to start with new events. */
  readonly lastEventId: string
  readonly onFrame: (frame: WireFrame) => void
}

/** Rejects if the code of the transport cannot be loaded. */
export type Connect = (options: ConnectOptions) => Promise<PageLink>

/** With `fetch`, all tabs of the browser share one connection; with EventSource, each tab has its own. */
export const connect: Connect = async ({ transport, ...options }) => {
  const url = `/events?visitor=${encodeURIComponent(visitorName())}`
  if (transport === 'fetch') return createLink(url, { ...options, share: true })
  const { createEventSourceLink } = await import('./event-source-link.ts')
  return createEventSourceLink(url, options)
}

const VISITOR_KEY = 'downlink.visitor'

/**
 * A random name for this browser, which its tabs share. A server in demonstration mode limits a fault to the streams of
 * the visitor that requested it.
 */
export function visitorName(): string {
  const stored = browserStorage.read(VISITOR_KEY)
  if (stored !== null) return stored
  const name = Math.random().toString(36).slice(2)
  browserStorage.write(VISITOR_KEY, name)
  return name
}
