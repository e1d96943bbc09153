// What a link to the page says of its view: range, scale, smoothing, pauses, drawer and transport.

export const PANELS = ['clock', 'system', 'training', 'stocks'] as const
export type PanelName = (typeof PANELS)[number]
export type RangeMinutes = 1 | 5 | 15
export type Scale = 'linear' | 'log'
export type Transport = 'fetch' | 'eventsource'

export interface Choices {
  readonly rangeMinutes: RangeMinutes
  readonly scale: Scale
  readonly smoothing: number
  readonly paused: readonly PanelName[]
  readonly drawer: boolean
  readonly transport: Transport
}

const RANGES: readonly RangeMinutes[] = [1, 5, 15]
const DEFAULT_SMOOTHING = 0.6
export const MAX_SMOOTHING = 0.95

/** Whatever the query says: what is no choice of ours becomes the default. */
export function readView(search: string): Choices {
  const query = new URLSearchParams(search)
  const smoothing = Number(query.get('smoothing') ?? DEFAULT_SMOOTHING)
  return {
    rangeMinutes: RANGES.find((minutes) => String(minutes) === query.get('range')) ?? 5,
    scale: query.get('scale') === 'log' ? 'log' : 'linear',
    smoothing: smoothing >= 0 && smoothing <= MAX_SMOOTHING ? smoothing : DEFAULT_SMOOTHING,
    paused: pausedIn(query.get('paused') ?? ''),
    drawer: query.get('drawer') === '1',
    transport: query.get('transport') === 'eventsource' ? 'eventsource' : 'fetch',
  }
}

/** The panels that a list such as `clock,stocks` names; `all` names each. */
export function pausedIn(list: string): PanelName[] {
  const named = list.split(',')
  return PANELS.filter((panel) => named.includes(panel) || named.includes('all'))
}

/** Whether the link itself says which panels are paused. */
export function namesPauses(search: string): boolean {
  return new URLSearchParams(search).has('paused')
}

/** The query for `view`: defaults are left out, and parameters of others stay as they are. */
export function writeView(view: Choices, search: string): string {
  const query = new URLSearchParams(search)
  const set = (name: string, value: string, usual: string) => {
    if (value === usual) query.delete(name)
    else query.set(name, value)
  }
  const all = view.paused.length === PANELS.length
  set('range', String(view.rangeMinutes), '5')
  set('scale', view.scale, 'linear')
  set('smoothing', String(view.smoothing), String(DEFAULT_SMOOTHING))
  set('paused', all ? 'all' : view.paused.join(','), '')
  set('drawer', view.drawer ? '1' : '', '')
  set('transport', view.transport, 'fetch')
  return query.toString()
}
