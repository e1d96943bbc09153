// The last frames of the wire as they were received, in bounded memory; what is dropped is counted.

export const MAX_ENTRIES = 2000
export const MAX_BYTES = 2_000_000

export interface JournalEntry {
  /** Grows by one with each entry, for as long as the page lives. */
  readonly number: number
  /** `frame`: a block of the wire. `lost`, `back`: what became of the connection. */
  readonly kind: 'frame' | 'lost' | 'back'
  readonly text: string
  /** On the wire; 0 where that is not known. */
  readonly bytes: number
  /** When its last byte was received, in ms since 1970. */
  readonly at: number
  /** Whether `text` is what was received, and not what the page put together from an event. */
  readonly raw: boolean
}

export interface Journal {
  /** Oldest first. */
  entries(): readonly JournalEntry[]
  /** Everything since the page was opened, kept or not. */
  readonly totals: { readonly frames: number; readonly bytes: number; readonly dropped: number }
  frame(text: string, bytes: number, at: number, raw: boolean): void
  note(kind: 'lost' | 'back', text: string, at: number): void
  /** Forgets the entries and keeps the totals. */
  clear(): void
  /** Calls `listener` after each entry, until the returned function is called. */
  onEntry(listener: () => void): () => void
}

/** Keeps 2,000 entries or 2 MB of text, whichever is reached first; the oldest go. */
export function createJournal(maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES): Journal {
  const listeners = new Set<() => void>()
  let entries: JournalEntry[] = []
  let held = 0
  let count = 0
  let frames = 0
  let bytes = 0
  let dropped = 0

  const add = (entry: Omit<JournalEntry, 'number'>) => {
    entries.push({ ...entry, number: count++ })
    held += entry.text.length
    while (entries.length > maxEntries || (held > maxBytes && entries.length > 1)) {
      held -= entries.shift()?.text.length ?? 0
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
      held = 0
    },
    onEntry(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
