// What the drawer shows of the journal: filtered, newest first, looked at once a frame, and held while paused.
import { frame } from '../../panel/frame.ts'
import type { Journal } from '../../connection/journal.ts'
import { parseFilter } from './filter.ts'
import { latencies, type Latency } from './latency.ts'
import { rowOf, type Row } from './row.ts'

export class EventLog {
  readonly #journal: Journal
  readonly #halfTripMs: () => number | null
  #latencyOf = $state.raw<(row: Row) => Latency | null>(() => null)
  #rows = $state.raw<readonly Row[]>([])
  #totals = $state.raw<Journal['totals']>({ frames: 0, bytes: 0, dropped: 0 })
  #paused = $state.raw(false)
  #topic = $state.raw<string | null>(null)
  #filter = $state.raw('')
  #selected = $state.raw<Row | null>(null)

  /** `halfTripMs` is half of the measured round trip, null where there is none. */
  constructor(journal: Journal, halfTripMs: () => number | null = () => null) {
    this.#journal = journal
    this.#halfTripMs = halfTripMs
    this.#look()
  }

  latencyOf(row: Row): Latency | null {
    return this.#latencyOf(row)
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
    const all = this.#journal.entries().map(rowOf)
    this.#rows = all.filter((row) => this.#isOfTopic(row) && holds(row)).reverse()
    this.#latencyOf = latencies(all, this.#halfTripMs())
  }

  #isOfTopic({ topic }: Row): boolean {
    const wanted = this.#topic
    return wanted === null || topic === wanted || topic.startsWith(`${wanted}/`)
  }
}
