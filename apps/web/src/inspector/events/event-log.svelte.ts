// The rows of the events drawer: the journal, filtered, newest first, updated once per frame and kept while paused.
import { isTopicOf, type StreamInfo } from '../../panel/stream-panel.ts'
import { frames } from '../../panel/frames.ts'
import type { Journal } from '../../connection/journal.ts'
import type { Stream } from '@downlink/protocol'
import { parseFilter } from './filter.ts'
import { latencies, type Latency } from './latency.ts'
import { rowOf, type Row } from './row.ts'

export class EventLog {
  readonly #journal: Journal
  readonly #streams: readonly StreamInfo[]
  readonly #halfTripMs: () => number | null
  #latencyOf = $state.raw<(row: Row) => Latency | null>(() => null)
  #rows = $state.raw<readonly Row[]>([])
  #totals = $state.raw<Journal['totals']>({ frames: 0, bytes: 0, dropped: 0 })
  #paused = $state.raw(false)
  #stream = $state.raw<Stream | null>(null)
  #filter = $state.raw('')
  #selected = $state.raw<Row | null>(null)

  /** `halfTripMs` returns half of the measured round trip, null if it is unknown. */
  constructor(journal: Journal, streams: readonly StreamInfo[], halfTripMs: () => number | null) {
    this.#journal = journal
    this.#streams = streams
    this.#halfTripMs = halfTripMs
    this.#update()
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
    this.#update()
  }

  /** The stream to show, with all its instances; null for all streams. */
  get stream(): Stream | null {
    return this.#stream
  }

  set stream(stream: Stream | null) {
    this.#stream = stream
    this.#update(true)
  }

  get filter(): string {
    return this.#filter
  }

  set filter(filter: string) {
    this.#filter = filter
    this.#update(true)
  }

  get selected(): Row | null {
    return this.#selected
  }

  set selected(row: Row | null) {
    this.#selected = row
  }

  /** Follows the journal until the returned function is called; for `$effect`. */
  follow(): () => void {
    const update = () => this.#update()
    return this.#journal.onEntry(() => frames.request(update))
  }

  clear(): void {
    this.#journal.clear()
    this.#selected = null
    this.#update(true)
  }

  #update(evenIfPaused = false): void {
    this.#totals = this.#journal.totals
    if (this.#paused && !evenIfPaused) return
    const matches = parseFilter(this.#filter)
    const all = this.#journal.entries().map(rowOf)
    this.#rows = all.filter((row) => this.#isOfStream(row) && matches(row)).reverse()
    this.#latencyOf = latencies(all, this.#streams, this.#halfTripMs())
  }

  #isOfStream({ topic }: Row): boolean {
    return this.#stream === null || isTopicOf(this.#stream, topic)
  }
}
