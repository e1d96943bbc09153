// The training run under way, remembered by the browser: for a reload, and for the other tabs.

const KEY = 'downlink.run'

export function rememberedRun(storage: Storage = localStorage): string | null {
  return storage.getItem(KEY)
}

/** Null forgets. Storage may be full or forbidden: then a reload loses sight of the run. */
export function rememberRun(runId: string | null, storage: Storage = localStorage): void {
  try {
    if (runId === null) storage.removeItem(KEY)
    else storage.setItem(KEY, runId)
  } catch {
    return
  }
}

/** Calls `listener` when another tab has started a run; returns how to stop. */
export function onRunElsewhere(listener: (runId: string) => void): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key === KEY && event.newValue !== null) listener(event.newValue)
  }
  addEventListener('storage', onStorage)
  return () => removeEventListener('storage', onStorage)
}
