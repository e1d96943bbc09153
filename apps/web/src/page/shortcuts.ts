// The page's keyboard shortcuts: single keys, ignored while the reader types, and switched off in the settings.
import type { Dashboard } from './dashboard.svelte.ts'

export interface Shortcut {
  /** One character, in lower case. */
  readonly key: string
  /** What it does, for the list in the settings. */
  readonly label: string
  readonly run: () => void
}

/** All shortcuts of the page, in the order of the list in the settings. */
export function pageShortcuts(dashboard: Dashboard, openSettings: () => void): Shortcut[] {
  return [
    {
      key: 'p',
      label: 'Pause or resume all panels',
      run: () => dashboard.pauseAll(!dashboard.allPaused),
    },
    { key: 'e', label: 'Open or close the events', run: () => dashboard.toggleDrawer() },
    { key: 'r', label: 'Reconnect now', run: () => dashboard.retry() },
    ...dashboard.panels.map(({ definition: { contract, title, shortcut } }) => ({
      key: shortcut,
      label: `Go to the ${title.toLowerCase()}`,
      run: () => document.getElementById(contract.topic)?.focus(),
    })),
    { key: '?', label: 'Show this list', run: openSettings },
  ]
}

/** A `keydown` handler. It ignores keys with a modifier, which belong to the browser and to screen readers. */
export function createShortcutHandler(shortcuts: readonly Shortcut[], enabled: () => boolean) {
  return (event: KeyboardEvent): void => {
    if (!enabled() || event.defaultPrevented || event.repeat) return
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return
    const shortcut = shortcuts.find(({ key }) => key === event.key.toLowerCase())
    if (!shortcut) return
    event.preventDefault()
    shortcut.run()
  }
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  return target.closest('input, textarea, select, [contenteditable], dialog') !== null
}
