/** The last event ID string as a request carries it. https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface */

/** What a header field value may hold (RFC 9110, 5.5), as bytes in a string. Some stacks refuse the whole request otherwise. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** Node and most servers answer 431 to more than 16 KiB of address and headers, and would on every reconnect. */
export const MAX_CARRIED_BYTES = 15_360

/**
 * The header value that carries an id: its UTF-8 bytes, one a character, as `fetch` wants them. Empty
 * for an id that HTTP cannot carry too: reconnecting without it beats not reconnecting.
 */
export function lastEventIdHeader(id: string): string {
  const bytes = new TextEncoder().encode(id)
  const value = bytes.length > MAX_CARRIED_BYTES ? '' : String.fromCharCode(...bytes)
  return FIELD_VALUE.test(value) ? value : ''
}
