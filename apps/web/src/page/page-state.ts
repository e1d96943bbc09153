// The state of the page as a whole, which is the connection's, and the announcements of its changes.
import { panelState, type Connection, type PanelState } from '../panel/panel-state.ts'
import type { Preferences } from '../settings/preferences.svelte.ts'
import type { Announcer, Urgency } from './announcer.svelte.ts'

/** As the state of a panel, but a quiet topic does not count. `unseen` is null unless all panels are paused. */
export function pageState(
  connection: Connection & { readonly wasLive: boolean },
  unseen: number | null,
  now: number,
): PanelState {
  const { status } = connection
  const pause = unseen === null ? null : { at: now, unseen }
  // In the first seconds of an outage, a page that was live still counts as live.
  const wasLive = status.state === 'live' || connection.wasLive
  const lastAt = status.state === 'stale' ? status.since : wasLive ? now : null
  return panelState(connection, { now, lastAt, staleAfterMs: Number.POSITIVE_INFINITY, pause })
}

/** The message for a change from the state `before` to `kind`; null for none. */
function announcement(
  kind: PanelState['kind'],
  before: PanelState['kind'] | null,
): { text: string; urgency: Urgency } | null {
  const polite = (text: string) => ({ text, urgency: 'polite' as const })
  switch (kind) {
    case 'live': {
      const isBack = before !== null && ['reconnecting', 'offline', 'error'].includes(before)
      return isBack ? polite('Connected again.') : null
    }
    case 'stale':
      return polite('No data is coming. The connection is open.')
    case 'reconnecting':
      return polite('The connection is lost. Reconnecting.')
    case 'offline':
      return polite('Your device is offline. The page reconnects by itself.')
    case 'ended':
      return polite('The server has ended the stream.')
    case 'error':
      return { text: 'The stream has failed. It will not retry by itself.', urgency: 'assertive' }
    case 'paused':
      return polite('All panels are paused.')
    case 'connecting':
    case 'empty':
      return null
  }
}

/** Returns a function for `$effect` that announces each change of the page's state. */
export function createStateAnnouncer(page: {
  readonly announcer: Announcer
  readonly preferences: Preferences
}): (kind: PanelState['kind']) => void {
  let before: PanelState['kind'] | null = null
  return (kind) => {
    const message = announcement(kind, before)
    before = kind
    if (message && page.preferences.announcements !== 'off') {
      page.announcer.announce(message.text, message.urgency)
    }
  }
}
