// What the browser remembers for this page; where storage is full or forbidden, it lasts as long as the page.

export interface Keep {
  read(key: string): string | null
  /** Null forgets. */
  write(key: string, value: string | null): void
}

/** Where storage is forbidden, `open` throws: even to name it is refused then. */
export function createKeep(open: () => Storage = () => localStorage): Keep {
  const refused = new Map<string, string | null>()
  return {
    read(key) {
      const own = refused.get(key)
      if (own !== undefined) return own
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
        refused.delete(key)
      } catch {
        refused.set(key, value)
      }
    },
  }
}

export const keep = createKeep()
