/** Reads the Content-Type of a response. https://fetch.spec.whatwg.org/#concept-header-extract-mime-type */

/** What a comma ends; a quoted parameter may hold one. */
const VALUE = /(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g
/** A type and a subtype, both tokens, with white space around them. */
const ESSENCE = /^[\t\n\r ]*([!#$%&'*+.^`|~\w-]+\/[!#$%&'*+.^`|~\w-]+)[\t\n\r ]*(?:;|$)/

/**
 * Whether the essence is text/event-stream: any case, any parameters. Of several values the last counts that
 * is a type at all, and not any type.
 */
export function isEventStream(contentType: string | null | undefined): boolean {
  let essence = ''
  for (const value of contentType?.match(VALUE) ?? []) {
    const type = ESSENCE.exec(value)?.[1]
    if (type !== undefined && type !== '*/*') essence = type.toLowerCase()
  }
  return essence === 'text/event-stream'
}
