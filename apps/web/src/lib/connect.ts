// The page's one connection: through the client library, or through the browser's own EventSource for comparison.
import { createLink } from '@downlink/client'
import { createEventSourceLink } from './event-source-link.ts'
import type { Connect } from './page-link.ts'
import { visitorName } from './visitor.ts'

/** All tabs of the browser share one connection; with EventSource, each has its own. */
export const connect: Connect = ({ transport, ...options }) => {
  const url = `/events?visitor=${encodeURIComponent(visitorName())}`
  return transport === 'fetch'
    ? createLink(url, { ...options, share: true })
    : createEventSourceLink(url, options)
}
