/** What a link is doing, as one value that a page can show. Times are wall-clock milliseconds since 1970, for display. */
import type { LinkError } from './errors.ts'

/** Why a connection was given up and another is on its way. */
export interface RetryReason {
  /**
   * - `network`: no response, or the connection broke.
   * - `cut`: the server ended the response.
   * - `status`: the server answered with a status worth asking again (`status`).
   * - `silent`: nothing was received for three heartbeats.
   * - `bye`: the server asked to come back (`message` is its reason).
   * - `headers`: the `headers` or `body` function threw.
   */
  readonly code: 'network' | 'cut' | 'status' | 'silent' | 'bye' | 'headers'
  readonly message: string
  readonly status?: number | undefined
}

export type LinkStatus =
  /** Nobody reads: no connection. */
  | { readonly state: 'idle' }
  /** The first request, or the one after a change of topics, is under way. */
  | { readonly state: 'connecting'; readonly since: number }
  /** The response is open and something was heard within two heartbeats. */
  | { readonly state: 'live'; readonly since: number }
  /** The response is open, yet nothing was heard for two heartbeats. `since`: when it was last heard. */
  | { readonly state: 'stale'; readonly since: number }
  /**
   * The connection was lost. `attempt` counts from 1 within one outage; `retryAt` is when the next request
   * starts, or started: the state lasts until that request is answered.
   */
  | {
      readonly state: 'reconnecting'
      readonly attempt: number
      readonly retryAt: number
      readonly reason: RetryReason
    }
  /** The connection was lost and the browser says that there is no network. Reconnects by itself. */
  | { readonly state: 'offline'; readonly since: number }
  /**
   * The server said that there is no more, the response to a request other than GET was complete (`reason` is
   * `complete`), or the link was closed (`closed`). `retryNow()` or another reader asks again, but not after
   * `close()`.
   */
  | { readonly state: 'ended'; readonly reason: string }
  /** The server refused for good. `retryNow()`, another reader, or a change of topics, asks again. */
  | { readonly state: 'failed'; readonly error: LinkError }

/** Why a link ended whose request is not repeated: its response was complete. */
export const COMPLETE = 'complete'

/** Whether nothing more happens by itself. */
export function isOver(status: LinkStatus): boolean {
  return status.state === 'ended' || status.state === 'failed'
}
