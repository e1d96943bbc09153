// The page's one connection: through the client library, to the API that serves the page.
import { createLink } from '@downlink/client'
import type { Connect } from './dashboard.svelte.ts'

export const connect: Connect = ({ lastEventId, onFrame }) =>
  createLink('/events', { lastEventId, onFrame })
