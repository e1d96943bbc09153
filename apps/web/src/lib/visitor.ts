// A name for this browser: on a server in demonstration mode it says whose streams a fault is for.

const KEY = 'downlink.visitor'

/** The same for all tabs, since they share one connection. Random, and of no other use. */
export function visitorName(storage: Storage = localStorage): string {
  const known = storage.getItem(KEY)
  if (known !== null) return known
  const made = Math.random().toString(36).slice(2)
  try {
    storage.setItem(KEY, made)
  } catch {
    // Storage may be full or forbidden: then each tab has a name of its own.
  }
  return made
}
