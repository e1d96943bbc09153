// What the server's machine is doing: the newest numbers and a quarter of an hour of them.
import type { SystemStats } from '@downlink/protocol/streams'
import { Live } from '../../panel/live.svelte.ts'
import { staleAfter } from '../../panel/panel-state.ts'
import { createRing, type Ring } from '../../charts/ring.ts'

/** A quarter of an hour at ten a second; the stream itself has one a second. */
const CAPACITY = 9000
/** Time, CPU and memory. */
export const WIDTH = 3
/** A longer silence between two readings is drawn as a hole. */
export const HOLE_MS = 2500

export interface SystemView {
  readonly stats: SystemStats | null
  /** When the shown reading came; what came later is not drawn. */
  readonly at: number
}

export class SystemModel {
  readonly live: Live<SystemView>
  readonly staleAfterMs = staleAfter(1000)
  readonly series: Ring = createRing(CAPACITY, WIDTH)
  #stats: SystemStats | null = null
  #at = 0

  constructor() {
    this.live = new Live(() => ({ stats: this.#stats, at: this.#at }))
  }

  /** A reading that was `held` for us does not say when it was made, so it is shown, but has no place in the chart. */
  receive(stats: SystemStats, at: number, held: boolean): void {
    this.#stats = stats
    this.#at = at
    if (!held) this.series.push(at, stats.cpu_percent, stats.memory_percent)
    this.live.touch(at)
  }
}
