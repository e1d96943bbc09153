// The same stream in a terminal, and the kept frames as a file.
import type { JournalEntry } from '../connection/journal.ts'

/** `curl -N -H 'Last-Event-ID: …' 'http://…/events?topic=…'`, safe to paste whatever the id contains. */
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

/** One JSON object a line: number, kind, time, bytes and text of each entry. */
export function ndjson(entries: readonly JournalEntry[]): string {
  return entries
    .map(({ number, kind, at, bytes, raw, text }) => {
      return JSON.stringify({ number, kind, at: new Date(at).toISOString(), bytes, raw, text })
    })
    .map((line) => `${line}\n`)
    .join('')
}

/** For a POSIX shell: nothing within single quotes means anything but a single quote. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
