/** The idempotency keys of the memory log: each remembers the id of the event that it stored, for a limited time. */
import type { EventId } from '@downlink/protocol'

export interface IdempotencyKeys {
  /** The id that was stored with this key within its lifetime. */
  idOf(key: string): EventId | undefined
  add(key: string, id: EventId): void
}

export interface IdempotencyKeysOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly lifetimeMs: number
  /** The most keys kept; the oldest goes first. */
  readonly maxKeys: number
}

export function createIdempotencyKeys(options: IdempotencyKeysOptions): IdempotencyKeys {
  const { now, lifetimeMs, maxKeys } = options
  /** The oldest first. */
  const keys = new Map<string, { readonly id: EventId; readonly expiresAtMs: number }>()
  return {
    idOf(key) {
      const known = keys.get(key)
      return known && known.expiresAtMs > now() ? known.id : undefined
    },
    add(key, id) {
      // Deleted first, so that a key used again counts as new.
      keys.delete(key)
      keys.set(key, { id, expiresAtMs: now() + lifetimeMs })
      for (const [oldest, { expiresAtMs }] of keys) {
        if (keys.size <= maxKeys && expiresAtMs > now()) break
        keys.delete(oldest)
      }
    },
  }
}
