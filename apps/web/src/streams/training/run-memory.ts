// The training run under way, remembered by the browser: for a reload, and for the other tabs.
import { keep } from '../../settings/browser-storage.ts'

const KEY = 'downlink.run'

export function rememberedRun(): string | null {
  return keep.read(KEY)
}

/** Null forgets. */
export function rememberRun(runId: string | null): void {
  keep.write(KEY, runId)
}

/** Calls `listener` when another tab has started a run; returns how to stop. */
export function onRunElsewhere(listener: (runId: string) => void): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key === KEY && event.newValue !== null) listener(event.newValue)
  }
  addEventListener('storage', onStorage)
  return () => removeEventListener('storage', onStorage)
}
