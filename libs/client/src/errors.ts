/** The one error of this library: what went wrong as a `code`, the facts as fields. */

/**
 * - `bad-option`: an option or argument cannot work; thrown at once, where it was given.
 * - `closed`: the link was used after `close()`.
 * - `refused`: the server answered with a status that asking again will not change (`status`, `bodyExcerpt`), or
 *   refused one topic of several (`topic`, `reason`).
 * - `wrong-type`: the response is not a `text/event-stream` (`contentType`, `bodyExcerpt`).
 * - `unreadable-body`: the fetch gave a response whose body cannot be read as it arrives, as in React Native.
 * - `aborted`: the browser, as with `window.stop()` in Firefox, or a custom fetch aborted the request.
 * - `interrupted`: the response to a request other than GET broke, or was silent for three heartbeats. Such a request is
 *   not repeated, because it could do its work twice; `retryNow()` sends it again.
 * - `incomplete`: the response to such a request ended before the stream's last event.
 * - `event-too-large`: the server sent an event over `maxEventBytes`; it would send it again.
 * - `too-slow`: an iterable of a stream that promises every event was read too slowly for its queue.
 */
export type LinkErrorCode =
  | 'bad-option'
  | 'closed'
  | 'refused'
  | 'wrong-type'
  | 'unreadable-body'
  | 'aborted'
  | 'interrupted'
  | 'incomplete'
  | 'event-too-large'
  | 'too-slow'

export interface LinkErrorFacts {
  readonly url?: string | undefined
  readonly status?: number | undefined
  readonly contentType?: string | null | undefined
  readonly bodyExcerpt?: string | undefined
  readonly topic?: string | undefined
  readonly reason?: string | undefined
  readonly cause?: unknown
}

/** Thrown for a caller's mistake, and carried by the status `failed`. The message says what to do next. */
export class LinkError extends Error {
  override readonly name = 'LinkError'
  declare readonly code: LinkErrorCode
  /** The address that was asked, where one was. */
  declare readonly url: string | undefined
  /** The HTTP status, for `refused` and `wrong-type`. */
  declare readonly status: number | undefined
  /** The Content-Type as received, for `refused` and `wrong-type`; null where there was none. */
  declare readonly contentType: string | null | undefined
  /** The first 1,024 characters of the refused body. */
  declare readonly bodyExcerpt: string | undefined
  /** The topic that was refused, where the others of the connection go on. */
  declare readonly topic: string | undefined
  /** Why, in the server's word: `unknown`, `forbidden`, or one of a later version. */
  declare readonly reason: string | undefined

  constructor(code: LinkErrorCode, message: string, facts: LinkErrorFacts = {}) {
    super(message, facts)
    Object.assign(this, facts, { code })
  }
}
