// Which panels the reader has paused, remembered by the browser: a page that is opened again is as it was left.
import { keep } from './browser-storage.ts'
import { pausedIn, type PanelName } from './view-query.ts'

const KEY = 'downlink.paused'

/** What was remembered may be old or edited: names of no panel are left out. */
export function rememberedPauses(): PanelName[] {
  return pausedIn(keep.read(KEY) ?? '')
}

export function rememberPauses(paused: readonly PanelName[]): void {
  keep.write(KEY, paused.length === 0 ? null : paused.join(','))
}
