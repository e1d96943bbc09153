// A row of the event list, decoded from an entry of the journal.
import { parseEventName } from '@downlink/protocol'
import { createDecoder } from '@downlink/protocol/sse'
import type { JournalEntry } from '../../connection/journal.ts'

export interface Row {
  readonly entry: JournalEntry
  readonly kind: 'event' | 'control' | 'comment' | 'retry' | 'lost' | 'back'
  /** The topic, or text in its place: the comment, the field, or the change of the connection. */
  readonly topic: string
  readonly event: string
  readonly id: string
  readonly data: string
}

const ID_LINE = /^id: ?(.*)$/m
const cache = new WeakMap<JournalEntry, Row>()

/** Decodes an entry with the library's decoder, once per entry. */
export function rowOf(entry: JournalEntry): Row {
  let row = cache.get(entry)
  if (!row) cache.set(entry, (row = decode(entry)))
  return row
}

function decode(entry: JournalEntry): Row {
  const row = { entry, event: '', id: '', data: entry.text }
  if (entry.kind === 'lost') return { ...row, kind: 'lost', topic: '✕ connection lost' }
  if (entry.kind === 'back') return { ...row, kind: 'back', topic: '↻ reconnected' }

  const rows: Row[] = []
  const decoder = createDecoder({
    onEvent({ event, data, id }) {
      const name = parseEventName(event)
      const kind = name ? 'event' : 'control'
      const own = ID_LINE.test(entry.text) ? id : ''
      const { topic, event: short } = name ?? { topic: event, event }
      // A block with an event is shown as the event, even if it also contains a comment or `retry`.
      rows.unshift({ entry, kind, topic, event: short, id: own, data })
    },
    onRetry(ms) {
      rows.push({ ...row, kind: 'retry', topic: 'retry', data: `reconnection time ${ms} ms` })
    },
    onComment(text) {
      const data = 'comment, no event dispatched'
      rows.push({ ...row, kind: 'comment', topic: `: ${text}`, data })
    },
  })
  decoder.push(entry.text)
  return rows[0] ?? { ...row, kind: 'comment', topic: 'fields', data: 'no event dispatched' }
}
