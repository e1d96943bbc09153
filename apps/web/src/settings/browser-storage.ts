// localStorage that never throws: if it is full or forbidden, values last as long as the page.

export interface BrowserStorage {
  read(key: string): string | null
  /** `null` removes the key. */
  write(key: string, value: string | null): void
}

/** `open` may throw: where storage is forbidden, reading the property `localStorage` throws. */
export function createBrowserStorage(open: () => Storage = () => localStorage): BrowserStorage {
  const fallback = new Map<string, string | null>()
  return {
    read(key) {
      const value = fallback.get(key)
      if (value !== undefined) return value
      try {
        return open().getItem(key)
      } catch {
        return null
      }
    },
    write(key, value) {
      try {
        if (value === null) open().removeItem(key)
        else open().setItem(key, value)
        fallback.delete(key)
      } catch {
        fallback.set(key, value)
      }
    },
  }
}

export const browserStorage = createBrowserStorage()

/** Calls `listener` when another tab changes `key`; returns a function that stops this. */
export function onStorageChange(key: string, listener: (value: string | null) => void): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key === key) listener(event.newValue)
  }
  addEventListener('storage', onStorage)
  return () => removeEventListener('storage', onStorage)
}
