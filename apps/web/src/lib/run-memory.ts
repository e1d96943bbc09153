// The training run under way, remembered by the browser: for a reload, and for the other tabs.

export interface RememberedRun {
  readonly id: string
  /** The place of the link when the run began: resumed from there, the run's events are replayed. */
  readonly from: string
}

const KEY = 'downlink.run'

export function rememberedRun(storage: Storage = localStorage): RememberedRun | null {
  return parse(storage.getItem(KEY))
}

/** Null forgets. Storage may be full or forbidden: then a reload loses sight of the run. */
export function rememberRun(run: RememberedRun | null, storage: Storage = localStorage): void {
  try {
    if (run === null) storage.removeItem(KEY)
    else storage.setItem(KEY, JSON.stringify(run))
  } catch {
    return
  }
}

/** Calls `listener` when another tab has started a run; returns how to stop. */
export function onRunElsewhere(listener: (run: RememberedRun) => void): () => void {
  const onStorage = (event: StorageEvent) => {
    const run = event.key === KEY ? parse(event.newValue) : null
    if (run) listener(run)
  }
  addEventListener('storage', onStorage)
  return () => removeEventListener('storage', onStorage)
}

function parse(stored: string | null): RememberedRun | null {
  try {
    const { id, from } = JSON.parse(stored ?? 'null') as Record<string, unknown>
    return typeof id === 'string' && typeof from === 'string' ? { id, from } : null
  } catch {
    return null
  }
}
