// The state of the page as a whole, which is the connection's, and what is said of its changes.
import type { Announcer } from './announcer.svelte.ts'
import { panelState, type Connection, type PanelState } from '../panel/panel-state.ts'
import type { Preferences } from '../settings/preferences.svelte.ts'

/** As a panel's, but a topic that is quiet is no matter of the connection. */
export function pageState(
  connection: Connection & { readonly wasLive: boolean },
  unseen: number | null,
  now: number,
): PanelState {
  const { status } = connection
  const pause = unseen === null ? null : { at: now, unseen }
  // In the first seconds of an outage the page is still what it was: live, if it ever was.
  const wasLive = status.state === 'live' || connection.wasLive
  const lastAt = status.state === 'stale' ? status.since : wasLive ? now : null
  return panelState(connection, { now, lastAt, staleAfterMs: Number.POSITIVE_INFINITY, pause })
}

/** What to say when the page comes into a state; null for nothing. `after` is the state before. */
export function announcement(
  kind: PanelState['kind'],
  after: PanelState['kind'] | null,
): { text: string; urgency: 'polite' | 'assertive' } | null {
  const polite = (text: string) => ({ text, urgency: 'polite' as const })
  switch (kind) {
    case 'live': {
      const returned = after !== null && ['reconnecting', 'offline', 'error'].includes(after)
      return returned ? polite('Connected again.') : null
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

let before: PanelState['kind'] | null = null

/** Announces the page's newest state; for `$effect`. */
export function speakOf(
  kind: () => PanelState['kind'],
  page: { readonly announcer: Announcer; readonly preferences: Preferences },
): void {
  const current = kind()
  const words = announcement(current, before)
  before = current
  if (words && page.preferences.announcements !== 'off') {
    page.announcer.say(words.text, words.urgency)
  }
}
