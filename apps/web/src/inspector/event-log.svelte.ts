// What the drawer shows of the journal: filtered, newest first, looked at once a frame, and held while paused.
import { frame } from '../lib/frame.ts'
import type { Journal } from '../lib/journal.ts'
import { parseFilter } from './filter.ts'
import { rowOf, type Row } from './row.ts'

export class EventLog {
  readonly #journal: Journal
  #rows = $state.raw<readonly Row[]>([])
  #totals = $state.raw<Journal['totals']>({ frames: 0, bytes: 0, dropped: 0 })
  #paused = $state.raw(false)
  #topic = $state.raw<string | null>(null)
  #filter = $state.raw('')
  #selected = $state.raw<Row | null>(null)

  constructor(journal: Journal) {
    this.#journal = journal
    this.#look()
  }

  /** Newest first. */
  get rows(): readonly Row[] {
    return this.#rows
  }

  get totals(): Journal['totals'] {
    return this.#totals
  }

  get paused(): boolean {
    return this.#paused
  }

  set paused(paused: boolean) {
    this.#paused = paused
    this.#look()
  }

  /** The one topic to show, with all of its instances; null for all. */
  get topic(): string | null {
    return this.#topic
  }

  set topic(topic: string | null) {
    this.#topic = topic
    this.#look(true)
  }

  get filter(): string {
    return this.#filter
  }

  set filter(filter: string) {
    this.#filter = filter
    this.#look(true)
  }

  get selected(): Row | null {
    return this.#selected
  }

  set selected(row: Row | null) {
    this.#selected = row
  }

  /** Follows the journal; for `$effect`. */
  follow(): () => void {
    const look = () => this.#look()
    return this.#journal.onEntry(() => frame.ask(look))
  }

  clear(): void {
    this.#journal.clear()
    this.#selected = null
    this.#look(true)
  }

  #look(evenIfPaused = false): void {
    this.#totals = this.#journal.totals
    if (this.#paused && !evenIfPaused) return
    const holds = parseFilter(this.#filter)
    const rows: Row[] = []
    const entries = this.#journal.entries()
    for (let i = entries.length - 1; i >= 0; i -= 1) {
      const entry = entries[i]
      const row = entry && rowOf(entry)
      if (row && this.#isOfTopic(row) && holds(row)) rows.push(row)
    }
    this.#rows = rows
  }

  #isOfTopic({ topic }: Row): boolean {
    const wanted = this.#topic
    return wanted === null || topic === wanted || topic.startsWith(`${wanted}/`)
  }
}
