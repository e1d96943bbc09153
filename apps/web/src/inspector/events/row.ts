// One line of the event list, read out of a journal entry.
import { parseEventName } from '@downlink/protocol'
import { createDecoder } from '@downlink/protocol/sse'
import type { JournalEntry } from '../../connection/journal.ts'

export interface Row {
  readonly entry: JournalEntry
  readonly kind: 'event' | 'control' | 'comment' | 'retry' | 'lost' | 'back'
  /** The topic, or in its place the comment, the field or what became of the connection. */
  readonly topic: string
  readonly event: string
  readonly id: string
  readonly data: string
}

const ID_LINE = /^id: ?(.*)$/m
const known = new WeakMap<JournalEntry, Row>()

/** Reads an entry with the library's own decoder; each entry is read once. */
export function rowOf(entry: JournalEntry): Row {
  let row = known.get(entry)
  if (!row) known.set(entry, (row = read(entry)))
  return row
}

function read(entry: JournalEntry): Row {
  const row = { entry, event: '', id: '', data: entry.text }
  if (entry.kind === 'lost') return { ...row, kind: 'lost', topic: '✕ connection lost' }
  if (entry.kind === 'back') return { ...row, kind: 'back', topic: '↻ reconnected' }

  const read: Row[] = []
  const decoder = createDecoder({
    onEvent({ event, data, id }) {
      const name = parseEventName(event)
      const kind = name ? 'event' : 'control'
      const own = ID_LINE.test(entry.text) ? id : ''
      const { topic, event: short } = name ?? { topic: event, event }
      // The event is what counts, whatever stood in the same block.
      read.unshift({ entry, kind, topic, event: short, id: own, data })
    },
    onRetry(ms) {
      read.push({ ...row, kind: 'retry', topic: 'retry', data: `reconnection time ${ms} ms` })
    },
    onComment(text) {
      const data = 'comment, no event dispatched'
      read.push({ ...row, kind: 'comment', topic: `: ${text}`, data })
    },
  })
  decoder.push(entry.text)
  return read[0] ?? { ...row, kind: 'comment', topic: 'fields', data: 'no event dispatched' }
}
