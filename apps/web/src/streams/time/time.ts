// The server's clock as it arrives: its time, the ticks of the last minute and how late they were.
import { Live } from '../../panel/live.svelte.ts'
import { staleAfter } from '../../panel/panel-state.ts'
import type { Lateness } from '../../connection/lateness.ts'
import { createTickLog, type TickView } from './tick-log.ts'

export interface ClockView extends TickView {
  /** `14:27:41`, or null before the first tick. */
  readonly text: string | null
  /** When the shown tick came. */
  readonly at: number
  /** How far ticks stray, in ms: half of what nine in ten keep to. */
  readonly jitterMs: number | null
}

const TIME = /(\d\d):(\d\d):(\d\d)$/
const USUAL_SHARE = 0.9

export class ClockModel {
  readonly live: Live<ClockView>
  readonly staleAfterMs = staleAfter(1000)
  readonly #log = createTickLog()
  readonly #lateness: Lateness
  #text: string | null = null
  #at = 0

  constructor(lateness: Lateness) {
    this.#lateness = lateness
    this.live = new Live(() => this.#look())
  }

  /** The text of a `time` event. One that was `held` fills its place, but says nothing about lateness. */
  receive(text: string, at: number, held: boolean): void {
    const [time, hours, minutes, seconds] = TIME.exec(text) ?? []
    if (time === undefined) return
    const secondOfDay = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
    const late = held ? 0 : this.#lateness.add(at, secondOfDay * 1000)
    this.#log.add(secondOfDay, late)
    this.#text = time
    this.#at = at
    this.live.touch(at)
  }

  #look(): ClockView {
    const usual = this.#lateness.quantile(USUAL_SHARE, this.#at)
    return {
      ...this.#log.view(),
      text: this.#text,
      at: this.#at,
      jitterMs: usual === null ? null : usual / 2,
    }
  }
}
