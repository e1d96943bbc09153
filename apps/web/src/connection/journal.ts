// The newest frames as they were received, in bounded memory. Dropped frames are counted.

export const MAX_ENTRIES = 2000
export const MAX_BYTES = 2_000_000

export interface JournalEntry {
  /** Counts the entries since the page was opened, from 0. */
  readonly number: number
  /** `frame`: one block of the event stream. `lost`, `back`: the connection was lost, or is back. */
  readonly kind: 'frame' | 'lost' | 'back'
  readonly text: string
  /** Size on the wire; 0 if unknown. */
  readonly bytes: number
  /** When its last byte was received, in ms since 1970. */
  readonly at: number
  /** Whether `text` is what was received. With EventSource, the page writes it from the event. */
  readonly raw: boolean
}

export interface Journal {
  /** Oldest first. */
  entries(): readonly JournalEntry[]
  /** Since the page was opened, including dropped entries. */
  readonly totals: { readonly frames: number; readonly bytes: number; readonly dropped: number }
  frame(text: string, bytes: number, at: number, raw: boolean): void
  note(kind: 'lost' | 'back', text: string, at: number): void
  /** Removes the entries and keeps the totals. */
  clear(): void
  /** Calls `listener` after each entry, until the returned function is called. */
  onEntry(listener: () => void): () => void
}

/** Keeps 2,000 entries or 2 MB of text, whichever is reached first, and drops the oldest. */
export function createJournal(maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES): Journal {
  const listeners = new Set<() => void>()
  let entries: JournalEntry[] = []
  let keptLength = 0
  let count = 0
  let frames = 0
  let bytes = 0
  let dropped = 0

  const add = (entry: Omit<JournalEntry, 'number'>) => {
    entries.push({ ...entry, number: count++ })
    keptLength += entry.text.length
    while (entries.length > maxEntries || (keptLength > maxBytes && entries.length > 1)) {
      keptLength -= entries.shift()?.text.length ?? 0
      dropped += 1
    }
    for (const listener of listeners) listener()
  }

  return {
    entries: () => entries,
    get totals() {
      return { frames, bytes, dropped }
    },
    frame(text, size, at, raw) {
      frames += 1
      bytes += size
      add({ kind: 'frame', text, bytes: size, at, raw })
    },
    note: (kind, text, at) => add({ kind, text, bytes: 0, at, raw: false }),
    clear() {
      entries = []
      keptLength = 0
    },
    onEntry(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
