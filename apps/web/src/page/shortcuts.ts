// Single keys for the whole page: ignored while the reader types, and switched off in the settings.

/** What each key does; the settings say it in words. */
export type Shortcuts = Readonly<Record<'p' | 'e' | 'r' | '1' | '2' | '3' | '4' | '?', () => void>>

/** Handles `keydown` for the page. Keys with a modifier belong to the browser and to screen readers. */
export function createShortcuts(shortcuts: Shortcuts, enabled: () => boolean) {
  const runs = new Map(Object.entries(shortcuts))
  return (event: KeyboardEvent): void => {
    if (!enabled() || event.defaultPrevented || event.repeat) return
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return
    const run = runs.get(event.key.toLowerCase())
    if (!run) return
    event.preventDefault()
    run()
  }
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  return target.closest('input, textarea, select, [contenteditable], dialog') !== null
}
