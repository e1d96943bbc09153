/** The error of this library: a `code` says what happened, the other fields give the facts. */

/**
 * - `bad-option`: an option or argument is invalid. Thrown by the call that received it.
 * - `closed`: the link was used after `close()`.
 * - `refused`: the server answered with an error that a repeated request will not change (`status`, `bodyExcerpt`), or refused
 *   one of several topics (`topic`, `reason`).
 * - `wrong-type`: the response is not a `text/event-stream` (`contentType`, `bodyExcerpt`).
 * - `unreadable-body`: `fetch` returned a response whose body cannot be read as it arrives, as in React Native.
 * - `aborted`: the browser, for example with `window.stop()` in Firefox, or a custom fetch aborted the request.
 * - `interrupted`: the response to a request other than GET broke, or was silent for three heartbeats. The link does not repeat
 *   such a request, because it could do its work twice; `retryNow()` sends it again.
 * - `incomplete`: the response to such a request ended before the stream's final event.
 * - `event-too-large`: the server sent an event over `maxEventBytes`, and would send it again.
 * - `too-slow`: a `for await` loop over a stream with `overflow: 'disconnect'` did not keep up, and its queue is full.
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

/** Thrown for an invalid call, and part of the status `failed`. The message says what to do. */
export class LinkError extends Error {
  override readonly name = 'LinkError'
  declare readonly code: LinkErrorCode
  /** The URL of the request, if there was one. */
  declare readonly url: string | undefined
  /** The HTTP status of the response, if there was one. */
  declare readonly status: number | undefined
  /** The Content-Type of the response; null if it had none. */
  declare readonly contentType: string | null | undefined
  /** The first 1,024 characters of the error response. */
  declare readonly bodyExcerpt: string | undefined
  /** The topic that the server refused, while the other topics continue. */
  declare readonly topic: string | undefined
  /** Why the server refused the topic: `unknown`, `forbidden`, or a reason that a later version adds. */
  declare readonly reason: string | undefined

  constructor(code: LinkErrorCode, message: string, facts: LinkErrorFacts = {}) {
    super(message, facts)
    Object.assign(this, facts, { code })
  }
}

/** The message of anything that was thrown. `fetch` puts the specific half into `cause`. */
export function messageOf(error: unknown): string {
  const { cause, message = String(error) } = Object(error) as Partial<Error>
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}
