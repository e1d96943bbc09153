/** Reads the Content-Type of a response. https://fetch.spec.whatwg.org/#concept-header-extract-mime-type */

/** The last of several values counts; a quoted parameter may hold a comma. */
const EVENT_STREAM = /(?:^|,)[\t\n\r ]*text\/event-stream[\t\n\r ]*(?:;(?:[^,"]|"[^"]*")*)?$/i

/** Whether the essence is text/event-stream: any case, any parameters. */
export function isEventStream(contentType: string | null | undefined): boolean {
  return EVENT_STREAM.test(contentType ?? '')
}
