// Export: the stream as a curl command, and the journal as NDJSON.
import type { JournalEntry } from '../connection/journal.ts'

/** A command such as `curl -N -H 'Last-Event-ID: …' 'http://…/events?topic=…'`, quoted so that any id is safe to paste. */
export function curlCommand(
  origin: string,
  topics: readonly string[],
  lastEventId: string,
): string {
  const url = new URL('/events', origin)
  for (const topic of topics) url.searchParams.append('topic', topic)
  const header = lastEventId === '' ? '' : `-H ${quote(`Last-Event-ID: ${lastEventId}`)} `
  return `curl -N ${header}${quote(url.href)}`
}

/** One JSON object per line, with the number, kind, time, bytes and text of an entry. */
export function ndjson(entries: readonly JournalEntry[]): string {
  return entries
    .map(({ number, kind, at, bytes, raw, text }) => {
      return JSON.stringify({ number, kind, at: new Date(at).toISOString(), bytes, raw, text })
    })
    .map((line) => `${line}\n`)
    .join('')
}

/** Quotes for a POSIX shell, where only a single quote is special within single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
