// A name for this browser: on a server in demonstration mode it says whose streams a fault is for.
import { keep } from '../settings/browser-storage.ts'

const KEY = 'downlink.visitor'

/** The same for all tabs, since they share one connection. Random, and of no other use. */
export function visitorName(): string {
  const known = keep.read(KEY)
  if (known !== null) return known
  const made = Math.random().toString(36).slice(2)
  keep.write(KEY, made)
  return made
}
