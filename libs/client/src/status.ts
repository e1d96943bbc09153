/** The state of a link as one value that a page can show. Times are wall-clock milliseconds since 1970, for display. */
import type { LinkError } from './errors.ts'

/** Why the link reconnects. */
export interface RetryReason {
  /**
   * - `network`: there was no response, or the connection broke.
   * - `cut`: the server ended the response.
   * - `status`: the server answered with a temporary error (`status`).
   * - `silent`: nothing was received for three heartbeats.
   * - `bye`: the server asked the link to reconnect (`message` is its reason).
   * - `headers`: the `headers` or `body` function threw.
   */
  readonly code: 'network' | 'cut' | 'status' | 'silent' | 'bye' | 'headers'
  readonly message: string
  readonly status?: number | undefined
}

export type LinkStatus =
  /** There are no subscriptions and no connection. */
  | { readonly state: 'idle' }
  /** The first request, or the one after a change of topics, is under way. */
  | { readonly state: 'connecting'; readonly since: number }
  /** The response is open and something was received within two heartbeats. */
  | { readonly state: 'live'; readonly since: number }
  /** The response is open, but nothing was received for two heartbeats. `since`: when something was received last. */
  | { readonly state: 'stale'; readonly since: number }
  /**
   * The connection was lost. `attempt` counts from 1 within one outage. `retryAt` is when the next request starts, or
   * started: the state lasts until that request is answered.
   */
  | {
      readonly state: 'reconnecting'
      readonly attempt: number
      readonly retryAt: number
      readonly reason: RetryReason
    }
  /** The connection was lost and the browser reports that there is no network. The link reconnects automatically. */
  | { readonly state: 'offline'; readonly since: number }
  /**
   * The server ended the stream, the response to a request other than GET was complete (`reason` is `complete`), or the link
   * was closed (`closed`). `retryNow()` or a new subscription requests again, except after `close()`.
   */
  | { readonly state: 'ended'; readonly reason: string }
  /** The server refused permanently. `retryNow()`, a new subscription or a change of topics requests again. */
  | { readonly state: 'failed'; readonly error: LinkError }

/** The reason of `ended` when the response to a request that is not repeated was complete. */
export const COMPLETE = 'complete'

/** Whether the link does nothing more until it is asked to. */
export function isOver(status: LinkStatus): boolean {
  return status.state === 'ended' || status.state === 'failed'
}
