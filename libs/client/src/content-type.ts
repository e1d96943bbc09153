/** Reads the Content-Type of a response. https://fetch.spec.whatwg.org/#concept-header-extract-mime-type */

const EVENT_STREAM = 'text/event-stream'
const ESSENCE = /^[\t\n\r ]*([^\s/;]+\/[^\s/;]+)[\t\n\r ]*(?:;|$)/

/**
 * Whether the essence is text/event-stream: any case, any parameters. Of several values, joined by commas,
 * the last readable one counts.
 */
export function isEventStream(contentType: string | null): boolean {
  const essences = (contentType ?? '').split(',').map((value) => ESSENCE.exec(value)?.[1])
  return (
    essences
      .filter((essence) => essence !== undefined)
      .at(-1)
      ?.toLowerCase() === EVENT_STREAM
  )
}
