// The page's one connection: through the client library, or through the browser's own EventSource for comparison.
import { createLink } from '@downlink/client'
import type { Connect } from './page-link.ts'
import { visitorName } from './visitor.ts'

/** All tabs of the browser share one connection; with EventSource, each has its own. */
export const connect: Connect = async ({ transport, ...options }) => {
  const url = `/events?visitor=${encodeURIComponent(visitorName())}`
  if (transport === 'fetch') return createLink(url, { ...options, share: true })
  const { createEventSourceLink } = await import('./event-source-link.ts')
  return createEventSourceLink(url, options)
}
