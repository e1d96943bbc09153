// The page's one connection: through the client library, or through the browser's own EventSource for comparison.
import { createLink } from '@downlink/client'
import type { Connect } from './dashboard.svelte.ts'
import { createEventSourceLink } from './event-source-link.ts'

export const connect: Connect = ({ transport, ...options }) =>
  transport === 'fetch' ? createLink('/events', options) : createEventSourceLink('/events', options)
