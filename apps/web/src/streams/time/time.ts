// The server's clock as it is received: its time, and the arrivals and lateness of the last minute's ticks.
import { time } from '@downlink/protocol/streams'
import type { Lateness } from '../../connection/lateness.ts'
import type { StreamReader } from '../../connection/stream-reader.ts'
import { LiveView } from '../../panel/live-view.svelte.ts'
import { staleAfter } from '../../panel/panel-state.ts'
import type { StreamModel } from '../../panel/stream-panel.ts'
import { createTickLog, type TickView } from './tick-log.ts'

export interface TimeView extends TickView {
  /** `14:27:41`, or null before the first tick. */
  readonly text: string | null
  /** When the shown tick was received. */
  readonly at: number
  /** Half of the lateness that 90 % of the ticks keep to, in ms; null without ticks. */
  readonly jitterMs: number | null
}

const INTERVAL_MS = 1000
const TIME = /(\d\d):(\d\d):(\d\d)$/
const JITTER_QUANTILE = 0.9

export class TimeModel implements StreamModel {
  readonly live: LiveView<TimeView>
  readonly staleAfterMs = staleAfter(INTERVAL_MS)
  readonly #ticks = createTickLog()
  readonly #lateness: Lateness
  #text: string | null = null
  #at = 0

  /** Adds the lateness of each tick to `lateness`. */
  constructor(lateness: Lateness) {
    this.#lateness = lateness
    this.live = new LiveView(() => this.#snapshot())
  }

  subscribe(reader: StreamReader): void {
    reader.read(time, { onEvent: ({ data }, { at, held }) => this.#receive(data, at, held) })
  }

  /** A tick that the server held counts as received, but says nothing about lateness. */
  #receive(data: string, at: number, held: boolean): void {
    const parsed = parseTime(data)
    if (!parsed) return
    const { text, secondOfDay } = parsed
    const lateMs = held ? 0 : this.#lateness.add(at, secondOfDay * 1000)
    this.#ticks.add(secondOfDay, lateMs)
    this.#text = text
    this.#at = at
    this.live.update(at)
  }

  #snapshot(): TimeView {
    const late = this.#lateness.quantile(JITTER_QUANTILE, this.#at)
    return {
      ...this.#ticks.view(),
      text: this.#text,
      at: this.#at,
      jitterMs: late === null ? null : late / 2,
    }
  }
}

/** The time at the end of an event's data, such as `The time is 14:27:41`. */
export function parseTime(data: string): { text: string; secondOfDay: number } | undefined {
  const [text, hours, minutes, seconds] = TIME.exec(data) ?? []
  if (text === undefined) return undefined
  return { text, secondOfDay: (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds) }
}
