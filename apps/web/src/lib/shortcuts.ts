// Single keys for the whole page: ignored while the reader types, and switched off in the settings.

export interface Shortcut {
  readonly key: string
  readonly does: string
  readonly run: () => void
}

/** Handles `keydown` for the page. Keys with a modifier belong to the browser and to screen readers. */
export function createShortcuts(shortcuts: readonly Shortcut[], enabled: () => boolean) {
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
