// The page's query parameters: range, scale, smoothing, paused panels, drawer and transport.
import type { Transport } from '../connection/connect.ts'

export type RangeMinutes = 1 | 5 | 15
export type Scale = 'linear' | 'log'

export interface Choices {
  readonly rangeMinutes: RangeMinutes
  readonly scale: Scale
  readonly smoothing: number
  /** Ids of panels. */
  readonly paused: readonly string[]
  readonly drawer: boolean
  readonly transport: Transport
}

export const RANGES: readonly RangeMinutes[] = [1, 5, 15]
export const MAX_SMOOTHING = 0.95
const DEFAULT_SMOOTHING = 0.6

/** Reads a query such as `?range=15`. Invalid values become the default; `panels` are the ids that `paused` may name. */
export function readView(search: string, panels: readonly string[]): Choices {
  const query = new URLSearchParams(search)
  const smoothing = Number(query.get('smoothing') ?? DEFAULT_SMOOTHING)
  return {
    rangeMinutes: RANGES.find((minutes) => String(minutes) === query.get('range')) ?? 5,
    scale: query.get('scale') === 'log' ? 'log' : 'linear',
    smoothing: smoothing >= 0 && smoothing <= MAX_SMOOTHING ? smoothing : DEFAULT_SMOOTHING,
    paused: readPaused(query.get('paused') ?? '', panels),
    drawer: query.get('drawer') === '1',
    transport: query.get('transport') === 'eventsource' ? 'eventsource' : 'fetch',
  }
}

/** The panels named in a list such as `time,stocks`. `all` names every panel; unknown names are ignored. */
export function readPaused(list: string, panels: readonly string[]): string[] {
  const names = list.split(',')
  return panels.filter((panel) => names.includes(panel) || names.includes('all'))
}

/** Whether the query itself says which panels are paused. */
export function hasPaused(search: string): boolean {
  return new URLSearchParams(search).has('paused')
}

/** The query for `view`. Defaults are left out; parameters that are not the view's stay as they are. */
export function writeView(view: Choices, search: string, panels: readonly string[]): string {
  const query = new URLSearchParams(search)
  const set = (name: string, value: string, defaultValue: string) => {
    if (value === defaultValue) query.delete(name)
    else query.set(name, value)
  }
  const allPaused = panels.length > 0 && view.paused.length === panels.length
  set('range', String(view.rangeMinutes), '5')
  set('scale', view.scale, 'linear')
  set('smoothing', String(view.smoothing), String(DEFAULT_SMOOTHING))
  set('paused', allPaused ? 'all' : view.paused.join(','), '')
  set('drawer', view.drawer ? '1' : '', '')
  set('transport', view.transport, 'fetch')
  return query.toString()
}
