// CPU and memory of the server's machine: the newest values, and those of the last quarter of an hour.
import { systemStats, type SystemStats } from '@downlink/protocol/streams'
import { createRing, type Ring } from '../../charts/ring.ts'
import type { StreamReader } from '../../connection/stream-reader.ts'
import { LiveView } from '../../panel/live-view.svelte.ts'
import { staleAfter } from '../../panel/panel-state.ts'
import type { StreamModel } from '../../panel/stream-panel.ts'

/** The server sends one event per second. */
export const INTERVAL_MS = 1000
/** A quarter of an hour at ten events per second, more than the server sends. */
const CAPACITY = 9000
/** Columns of the series: time, CPU and memory. */
export const COLUMNS = 3
/** A longer time without an event is drawn as a hole. */
export const HOLE_MS = 2500

export interface SystemStatsView {
  readonly stats: SystemStats | null
  /** When the shown values were received; the chart ends here. */
  readonly at: number
}

export class SystemStatsModel implements StreamModel {
  readonly live: LiveView<SystemStatsView>
  readonly staleAfterMs = staleAfter(INTERVAL_MS)
  readonly series: Ring = createRing(CAPACITY, COLUMNS)
  #stats: SystemStats | null = null
  #at = 0

  constructor() {
    this.live = new LiveView(() => ({ stats: this.#stats, at: this.#at }))
  }

  subscribe(reader: StreamReader): void {
    reader.read(systemStats, {
      onEvent: ({ event, data }, { at, held }) => {
        // `limits` are those of the server's control group; the panel shows the whole machine.
        if (event === 'message') this.#receive(data, at, held)
      },
    })
  }

  /** Values that the server held do not tell when they were measured: they are shown, but not in the chart. */
  #receive(stats: SystemStats, at: number, held: boolean): void {
    this.#stats = stats
    this.#at = at
    if (!held) this.series.push(at, stats.cpu_percent, stats.memory_percent)
    this.live.update(at)
  }
}
